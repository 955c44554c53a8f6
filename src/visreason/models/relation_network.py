"""Relation Networks: answer a question by summing a small network over all pairs of objects.

Santoro et al., "A simple neural network module for relational reasoning" (2017), from pixels or from state
descriptions; with the question injected after the first two pair layers it is the two-stage network of
Messina et al., "Learning Relationship-aware Visual Features" (2018), whose inner states serve image
retrieval.

Shape legend: B questions, N objects (or cells), C numbers an object, Q question size, G pair network's width,
A answers, K any width.
"""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from visreason.errors import ModelError
from visreason.models.config import require
from visreason.models.output import Output, likeliest
from visreason.nn.answer_head import AnswerHead
from visreason.nn.batch import Batch
from visreason.nn.convolution import PixelCnn
from visreason.nn.coordinates import cell_anchors, cells_as_objects
from visreason.nn.pairwise import PairwiseRelations
from visreason.nn.text import TextEncoder
from visreason.trace.schema import Places, Step, Trace, numbers, table


@dataclass(frozen=True, slots=True, kw_only=True)
class RelationNetworkConfig:
    """The size and wiring of a Relation Network; the defaults are the published network from pixels.

    Attributes:
        vocabulary_size: the number of words, without padding.
        answer_count: A.
        input: `"pixels"`: the cells of a CNN are the objects; `"state"`: the objects are given.
        object_size: numbers an object, for `"state"` only.
        conv_channels: the width of each convolution, for `"pixels"` only.
        word_size: of a word's embedding.
        lstm_hidden: Q.
        reverse: read questions from the last word to the first (without it the published setting does not
            learn).
        pad_to: read at least so many tokens, zeros first; for old checkpoints, see `TextEncoder`.
        g_widths: the pair network's layers.
        injection_layer: the pair layer that also reads the question: 0 is the original network, 2 the
            two-stage one, `len(g_widths)` appends it to the sum.
        aggregation: `"sum"` or `"mean"` over pairs.
        mask_objects: leave padded objects out. Networks trained with padding as objects need it off.
        f_widths: the hidden layers from sum to answer.
        dropout: before the last hidden layer's ReLU.
    """

    vocabulary_size: int
    answer_count: int
    input: Literal["pixels", "state"] = "pixels"
    object_size: int | None = None
    conv_channels: tuple[int, ...] = (24, 24, 24, 24)
    word_size: int = 32
    lstm_hidden: int = 128
    reverse: bool = True
    pad_to: int | None = None
    g_widths: tuple[int, ...] = (256, 256, 256, 256)
    injection_layer: int = 0
    aggregation: Literal["sum", "mean"] = "sum"
    mask_objects: bool = True
    f_widths: tuple[int, ...] = (256, 256)
    dropout: float = 0.5


class RelationNetwork(nn.Module):
    """Scores of answers from a question and all pairs of objects.

    ```
    q = LSTM(words);   x = cells of CNN(image) with coordinates, or the given objects
    s = sum_{i,j} g([x_j | x_i], q);   scores = f(s)
    ```

    Raises:
        ModelError: a configuration that fits no network.

    Example:
        >>> config = RelationNetworkConfig(vocabulary_size=82, answer_count=28, input="state", object_size=7)
        >>> question = {"tokens": torch.tensor([[5, 7]]), "lengths": torch.tensor([2])}
        >>> batch = Batch(**question, objects=torch.randn(1, 10, 7))
        >>> RelationNetwork(config)(batch).logits.shape
        torch.Size([1, 28])
    """

    def __init__(self, config: RelationNetworkConfig) -> None:
        super().__init__()
        require(
            config.answer_count > 0, f"answer_count is {config.answer_count}; give the number of answers."
        )
        self.config = config
        self.cnn: PixelCnn | None = None
        if config.input == "pixels":
            require(
                config.object_size is None, "object_size is for input 'state'; leave it out for 'pixels'."
            )
            require(len(config.conv_channels) > 0, "conv_channels is empty; give at least one layer's width.")
            self.cnn = PixelCnn(config.conv_channels)
            size = self.cnn.channels + 2
        else:
            require(
                config.object_size is not None, "input 'state' needs object_size, the numbers an object has."
            )
            size = config.object_size or 0
        self.text = TextEncoder(
            config.vocabulary_size,
            config.word_size,
            config.lstm_hidden,
            reverse=config.reverse,
            pad_to=config.pad_to,
        )
        self.relations = PairwiseRelations(
            size,
            config.lstm_hidden,
            config.g_widths,
            config.injection_layer,
            mean=config.aggregation == "mean",
        )
        late = config.lstm_hidden if config.injection_layer == len(config.g_widths) else 0
        self.head = AnswerHead(
            config.g_widths[-1] + late, config.f_widths, config.answer_count, config.dropout
        )

    def forward(self, batch: Batch, *, trace: bool = False) -> Output:
        """Scores `[B, A]`; with `trace`, which pairs drove each answer (`pair_contributions`).

        Raises:
            ModelError: the batch lacks images or objects, or they have the wrong size.
        """
        objects_BNC, mask_BN = self.objects(batch)
        question_BQ = self.text(batch.tokens, batch.lengths)
        relations_BK = self._with_late_question(
            self.relations(objects_BNC, question_BQ, mask_BN), question_BQ
        )
        logits_BA: Tensor = self.head(relations_BK)
        if not trace:
            return Output(logits_BA)
        return Output(
            logits_BA, self._traces(batch, objects_BNC, mask_BN, question_BQ, relations_BK, logits_BA)
        )

    def objects(self, batch: Batch) -> tuple[Tensor, Tensor | None]:
        """What is paired: objects `[B, N, C]`, and a mask `[B, N]` where some are padding.

        From pixels these are the CNN's cells with their coordinates, in row order.
        """
        if self.cnn is not None:
            if batch.images is None:
                raise ModelError("this Relation Network reads images, and the batch has none.")
            return cells_as_objects(self.cnn(batch.images)), None
        if batch.objects is None:
            raise ModelError("this Relation Network reads state descriptions, and the batch has none.")
        if batch.objects.shape[2] != self.config.object_size:
            raise ModelError(
                f"objects have {batch.objects.shape[2]} numbers each, this Relation Network reads "
                f"{self.config.object_size}. Use the state encoding that it was trained with."
            )
        return batch.objects, batch.object_mask if self.config.mask_objects else None

    def features(
        self,
        batch: Batch,
        layer: int | Literal["cnn"] = 2,
        aggregation: Literal["mean", "max"] = "mean",
        normalise: bool = True,
    ) -> Tensor:
        """Relational features of the batch's images, `[B, K]`, for retrieval.

        ```
        feature = mean or max over pairs (i, j) of  h(i, j) / |h(i, j)|,   h = what pair layer `layer` reads
        ```

        without the question's part. Layers up to `injection_layer` do not depend on the question. With
        `"cnn"` it is the mean or max over the CNN's cells, not normalised. From Messina et al. (2018), where
        layer 2 of the two-stage network, mean, is the published feature.

        Args:
            batch: images or objects; tokens may be any question.
            layer: 0 is the pairs themselves, `len(g_widths)` what is summed.
            aggregation: over pairs.
            normalise: divide each pair's vector by its length.

        Raises:
            ModelError: no such layer.
        """
        depth = len(self.config.g_widths)
        if layer == "cnn":
            if self.cnn is None or batch.images is None:
                raise ModelError(
                    "features of the layer 'cnn' need a Relation Network from pixels and images."
                )
            cells_BCN: Tensor = self.cnn(batch.images).flatten(2)
            return cells_BCN.mean(dim=2) if aggregation == "mean" else cells_BCN.amax(dim=2)
        if not 0 <= layer <= depth:
            raise ModelError(f"there is no pair layer {layer}; choose one from 0 to {depth}, or 'cnn'.")
        objects_BNC, mask_BN = self.objects(batch)
        question_BQ = self.text(batch.tokens, batch.lengths)
        rows = []
        for one in range(len(batch)):  # every pair of one image at a time: 4 MB, not gigabytes
            present = slice(None) if mask_BN is None else mask_BN[one]
            state_PK = self.relations.states(
                objects_BNC[one, present][None], question_BQ[one, None], layer
            ).flatten(0, 2)
            state_PK = functional.normalize(state_PK, dim=1) if normalise else state_PK
            rows.append(state_PK.mean(dim=0) if aggregation == "mean" else state_PK.amax(dim=0))
        return torch.stack(rows)

    def pair_contributions(
        self, objects_NC: Tensor, question_Q: Tensor, relations_K: Tensor, answer: Tensor
    ) -> Tensor:
        """How much each ordered pair adds to an answer's score, `[N, N]`.

        ```
        contribution(i, j) = d score / d s . g(i, j)
        ```

        gradient times activation. As f is piecewise linear in the sum s, these add up to the score up to a
        constant that no pair has a part in: an exact share, not an approximation, on f's linear piece.

        Args:
            objects_NC: the objects of one question.
            question_Q: the encoded question.
            relations_K: what the head read for it.
            answer: the answer's class.
        """
        slope_G = self.head.slope(relations_K[None], answer[None])[0, : self.config.g_widths[-1]]
        share_NN: Tensor = self.relations.states(objects_NC[None], question_Q[None])[0] @ slope_G
        return share_NN / objects_NC.shape[0] ** 2 if self.config.aggregation == "mean" else share_NN

    def _with_late_question(self, relations_BG: Tensor, question_BQ: Tensor) -> Tensor:
        """The head's input: the question is appended if no pair layer read it."""
        if self.config.injection_layer < len(self.config.g_widths):
            return relations_BG
        return torch.cat([relations_BG, question_BQ], dim=1)

    def _traces(
        self,
        batch: Batch,
        objects_BNC: Tensor,
        mask_BN: Tensor | None,
        question_BQ: Tensor,
        relations_BK: Tensor,
        logits_BA: Tensor,
    ) -> list[Trace]:
        """One trace a question: a step with the pair map, and the likeliest answers."""
        anchors, size = self._anchors(batch)
        found = []
        for one, answers in enumerate(likeliest(logits_BA)):
            present = slice(None) if mask_BN is None else mask_BN[one]
            share_NN = self.pair_contributions(
                objects_BNC[one, present], question_BQ[one], relations_BK[one], logits_BA[one].argmax()
            )
            regions_N = (share_NN.sum(dim=0) + share_NN.sum(dim=1)) / 2
            step = Step(
                name="relations",
                regions=numbers(regions_N.tolist()),
                pairs=table(share_NN.tolist()),
                anchors=anchors,
            )
            found.append(Trace(family="relation-network", steps=(step,), size=size, answers=answers))
        return found

    def _anchors(self, batch: Batch) -> tuple[Places | None, tuple[float, float] | None]:
        """Where the cells lie on the image, and its size; unknown for state descriptions (`Trace.place`)."""
        if self.cnn is None or batch.images is None:
            return None, None
        height, width = batch.images.shape[2:]
        stride = self.cnn.stride
        cells = cell_anchors(-(-height // stride), -(-width // stride), stride)
        return tuple(cells), (float(width), float(height))
