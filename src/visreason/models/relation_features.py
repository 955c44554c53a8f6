"""Relational features: what the pair network of a Relation Network makes of an image, for retrieval.

Messina et al., "Learning Relationship-aware Visual Features" (2018), where layer 2 of the two-stage network, mean, is
the published feature.

Shape legend: B questions, N objects (or cells), C numbers an object, P pairs of one image, K width of a layer, Q
question size.
"""

from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional

from visreason.errors import ModelError
from visreason.models.relation_network import RelationNetwork
from visreason.nn.batch import Batch


def relational_features(
    network: RelationNetwork,
    batch: Batch,
    layer: int = 2,
    aggregation: Literal["mean", "max"] = "mean",
    normalise: bool = True,
) -> Tensor:
    """Relational features of the batch's images, `[B, K]`.

    ```
    feature = mean or max over pairs (i, j) of  h(i, j) / |h(i, j)|,   h = what pair layer `layer` reads
    ```

    without the question's part. Layers up to `injection_layer` do not depend on the question.

    Args:
        network: whose pairs.
        batch: images or objects; tokens may be any question.
        layer: 0 is the pairs themselves, `len(g_widths)` what is summed.
        aggregation: over pairs.
        normalise: divide each pair's vector by its length.

    Raises:
        ModelError: no such layer; or the batch does not fit.

    Example:
        >>> from visreason.models import build_model
        >>> sizes = {"vocabulary_size": 2, "answer_count": 2, "g_widths": [8, 8]}
        >>> network = build_model("relation-network", sizes | {"input": "state", "object_size": 7})
        >>> words = Batch(tokens=torch.ones(1, 3, dtype=torch.long), lengths=torch.tensor([3]))
        >>> words.objects, words.object_mask = torch.randn(1, 4, 7), torch.ones(1, 4, dtype=torch.bool)
        >>> relational_features(network, words).shape
        torch.Size([1, 8])
    """
    depth = len(network.config.g_widths)
    if not 0 <= layer <= depth:
        raise ModelError(f"there is no pair layer {layer}; choose one from 0 to {depth}.")
    objects_BNC, mask_BN = network.objects(batch)
    question_BQ = network.text(batch.tokens, batch.lengths)
    rows = []
    for one in range(len(batch)):  # every pair of one image at a time: 4 MB, not gigabytes
        present = slice(None) if mask_BN is None else mask_BN[one]
        state_PK = network.relations.states(
            objects_BNC[one, present][None], question_BQ[one, None], layer
        ).flatten(0, 2)
        state_PK = functional.normalize(state_PK, dim=1) if normalise else state_PK
        rows.append(state_PK.mean(dim=0) if aggregation == "mean" else state_PK.amax(dim=0))
    return torch.stack(rows)
