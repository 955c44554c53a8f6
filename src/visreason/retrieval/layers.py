"""What a model's features may be taken from, by name.

* `g0`, `g1`, ...: of a Relation Network, what that pair layer reads, for every pair of objects; `g2` is the published
  feature (Messina et al., "Learning Relationship-aware Visual Features", 2018). The last name is what is summed.
* `aggregate`: of a Relation Network whose pairs do not read the question, what it makes of all of them itself (Messina
  et al., "Learning visual features for relational CBIR", 2019); of a relation counter, its counts of pairs, the
  rarer weighing more.
* `counts`: of a relation counter, its counts of pairs as they are.
* `conv`: the cells of the model's convolutions, or of the frozen backbone that it reads.
* `stem`: the cells that the reasoning of a grid model reads.
* `c2` ... `c5`: of a frozen backbone by itself, the stage that it was loaded up to.

Shape suffixes: I images, D numbers a feature, C channels, h x w cells.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from torch import Tensor, nn
from torch.nn import functional

from visreason.errors import UsageError
from visreason.models import AttributeCnn, RelationCounter, RelationNetwork
from visreason.models.relation_features import relational_features
from visreason.nn.backbone import LAYERS, Backbone
from visreason.nn.batch import Batch
from visreason.nn.image_encoder import ImageEncoder
from visreason.retrieval.index_folder import Aggregation, Normalise
from visreason.retrieval.pooling import pool

PUBLISHED, AGGREGATE = "g2", "aggregate"
"""The layers that are published features: of a two-stage network, and of one that learns how to sum pairs."""

COUNTS = "counts"
OWN = (AGGREGATE, COUNTS)
"""The layers that are a network's own sum over pairs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How a feature is read from a model.

    Attributes:
        layer: a name in `layer_names`.
        aggregation: over pairs or cells.
        normalise: what is divided by its length.
    """

    layer: str
    aggregation: Aggregation
    normalise: Normalise


def layer_names(model: nn.Module) -> tuple[str, ...]:
    """The layers of a model that features can be taken from.

    Example:
        >>> from visreason.models import build_model
        >>> settings = {"vocabulary_size": 2, "answer_count": 2, "g_widths": [8, 8, 8]}
        >>> layer_names(build_model("relation-network", settings))
        ('g0', 'g1', 'g2', 'g3', 'conv')
    """
    if isinstance(model, RelationCounter):
        return (*OWN, *_maps(model))
    if not isinstance(model, RelationNetwork):
        return tuple(_maps(model))
    depth = len(model.config.g_widths)
    own = (AGGREGATE,) if model.config.injection_layer >= depth else ()
    return (*(f"g{layer}" for layer in range(depth + 1)), *own, *_maps(model))


def choose_reading(
    model: nn.Module, layer: str | None, aggregation: Aggregation | None, normalise: Normalise | None
) -> Reading:
    """What was asked for; for whatever was not, the published choice.

    | layer | aggregation | normalise |
    |---|---|---|
    | `counts` of a relation counter | own | vectors |
    | `aggregate` of a network that learns how to sum pairs | own | vectors |
    | else `g2` where there is one | mean | both: each pair's vector, then the feature |
    | else the last of `layer_names` | mean | none; with `rmac`, vectors |

    Raises:
        UsageError: the model has no such layer, or the choices contradict each other.
    """
    names = layer_names(model)
    if not names:
        raise UsageError(
            "this model looks at no image or scene as a whole, so there is no feature to take from it."
        )
    if layer is None:
        learnt = isinstance(model, RelationNetwork) and model.config.aggregation == "weighted-sum"
        choices = (COUNTS, AGGREGATE if learnt else PUBLISHED, PUBLISHED, names[-1])
        layer = next(choice for choice in choices if choice in names)
    if layer not in names:
        raise UsageError(f"this model has no layer {layer!r}; it has {', '.join(names)}.")
    return _checked(layer, aggregation or ("own" if layer in OWN else "mean"), normalise)


def read_features(model: nn.Module, batch: Batch, reading: Reading) -> Tensor:
    """The features of a batch's images, `[I, D]`.

    Args:
        model: a model.
        batch: its images, features or objects, each with one question, which may be anything.
        reading: what to take, and how.
    """
    if _is_of_pairs(reading.layer):
        assert isinstance(model, RelationNetwork)
        assert reading.aggregation in ("mean", "max")
        each_pair = reading.normalise in ("pairs", "both")
        found_ID = relational_features(model, batch, int(reading.layer[1:]), reading.aggregation, each_pair)
        return _normalised(found_ID, reading)
    if reading.aggregation == "own":
        if isinstance(model, RelationCounter) and reading.layer == COUNTS:
            return _normalised(model.counts(batch), reading)
        assert isinstance(model, RelationNetwork | RelationCounter)
        return _normalised(model.aggregate(batch), reading)
    return _normalised(pool(_maps(model)[reading.layer](batch), reading.aggregation), reading)


def _normalised(found_ID: Tensor, reading: Reading) -> Tensor:
    """Features of length 1, where they should be."""
    return functional.normalize(found_ID, dim=1) if reading.normalise in ("vectors", "both") else found_ID


def _checked(layer: str, aggregation: Aggregation, normalise: Normalise | None) -> Reading:
    """A reading whose parts go together."""
    pairs = _is_of_pairs(layer)
    if normalise is None:
        normalise = "both" if pairs else "none" if aggregation in ("mean", "max") else "vectors"
    if (aggregation == "own") != (layer in OWN):
        raise UsageError(
            f"the aggregation 'own' is that of the layers {' and '.join(OWN)}, and their only one."
        )
    if pairs and aggregation == "rmac":
        raise UsageError(f"rmac is for maps of cells; the layer {layer} has pairs: choose mean or max.")
    if not pairs and normalise in ("pairs", "both"):
        raise UsageError(f"the layer {layer} has no pairs to normalise; choose --normalise vectors or none.")
    return Reading(layer=layer, aggregation=aggregation, normalise=normalise)


def _is_of_pairs(layer: str) -> bool:
    return re.fullmatch(r"g\d+", layer) is not None


def _maps(model: nn.Module) -> dict[str, Callable[[Batch], Tensor]]:
    """The maps of cells that a model makes of its images, by name."""
    if isinstance(model, Backbone):
        return dict.fromkeys(LAYERS, partial(_convolved, model))
    if isinstance(model, RelationNetwork | AttributeCnn):
        return {} if model.cnn is None else {"conv": partial(_convolved, model.cnn)}
    for part in model.modules():
        image, stem = getattr(part, "image", None), getattr(part, "stem", None)
        if isinstance(image, ImageEncoder):
            found: dict[str, Callable[[Batch], Tensor]] = {"conv": image}
            return found | {"stem": partial(_stemmed, image, stem)} if isinstance(stem, nn.Module) else found
    return {}


def _convolved(cnn: nn.Module, batch: Batch) -> Tensor:
    cells_IChw: Tensor = cnn(batch.images)
    return cells_IChw


def _stemmed(image: ImageEncoder, stem: nn.Module, batch: Batch) -> Tensor:
    cells_IChw: Tensor = stem(image(batch))
    return cells_IChw
