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
from visreason.models.output import Output
from visreason.models.relation_trace import explain
from visreason.nn.answer_head import AnswerHead
from visreason.nn.batch import Batch
from visreason.nn.convolution import PixelCnn
from visreason.nn.coordinates import cells_as_objects
from visreason.nn.pairwise import PairwiseRelations
from visreason.nn.text import BagEncoder, TextEncoder


@dataclass(frozen=True, slots=True, kw_only=True)
class RelationNetworkConfig:
    """The size and wiring of a Relation Network; the defaults are the published network from pixels.

    Attributes:
        vocabulary_size: the number of words, without padding.
        answer_count: A.
        input: `"pixels"`: the cells of a CNN are the objects; `"state"`: the objects are given.
        object_size: numbers an object, for `"state"` only.
        conv_channels: the width of each convolution, for `"pixels"` only.
        text: `"lstm"` reads the words in order; `"bag"` takes the mean of their embeddings, for questions that their
            words alone tell apart (the published network of Sort-of-CLEVR reads a fixed vector a question, too).
        word_size: of a word's embedding; Q for `"bag"`.
        lstm_hidden: Q for `"lstm"`.
        reverse: read questions from the last word to the first (without it the published setting does not
            learn); for `"lstm"` only, as the next.
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
    text: Literal["lstm", "bag"] = "lstm"
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
    q = LSTM(words) or their mean;   x = cells of CNN(image) with coordinates, or the given objects
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
        require(config.answer_count > 1, f"answer_count is {config.answer_count}; give two or more.")
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
        self.text = _text_encoder(config)
        question = config.lstm_hidden if config.text == "lstm" else config.word_size
        self.relations = PairwiseRelations(
            size,
            question,
            config.g_widths,
            config.injection_layer,
            mean=config.aggregation == "mean",
        )
        late = question if config.injection_layer == len(config.g_widths) else 0
        self.head = AnswerHead(
            config.g_widths[-1] + late, config.f_widths, config.answer_count, config.dropout
        )

    def forward(self, batch: Batch, *, trace: bool = False) -> Output:
        """Scores `[B, A]`; with `trace`, which words and pairs drove each answer (`relation_trace`).

        Raises:
            ModelError: the batch lacks images or objects, or they have the wrong size.
        """
        objects_BNC, mask_BN = self.objects(batch)
        question_BQ = self.text(batch.tokens, batch.lengths)
        logits_BA, relations_BK = self.answer(objects_BNC, mask_BN, question_BQ)
        if not trace:
            return Output(logits_BA)
        return Output(
            logits_BA, trace=explain(self, batch, objects_BNC, question_BQ, relations_BK, logits_BA)
        )

    def answer(
        self, objects_BNC: Tensor, mask_BN: Tensor | None, question_BQ: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Scores `[B, A]` from objects and encoded questions, and what the head read for them, `[B, K]`."""
        relations_BK = self.relations(objects_BNC, question_BQ, mask_BN)
        if self.config.injection_layer == len(self.config.g_widths):  # no pair layer read the question
            relations_BK = torch.cat([relations_BK, question_BQ], dim=1)
        return self.head(relations_BK), relations_BK

    def objects(self, batch: Batch) -> tuple[Tensor, Tensor | None]:
        """What is paired: objects `[B, N, C]`, and a mask `[B, N]` where some are padding.

        From pixels these are the CNN's cells with their coordinates, in row order.
        """
        if self.cnn is not None:
            if batch.images is None:
                raise ModelError("this Relation Network reads images, and the batch has none.")
            return batch.spread(cells_as_objects(self.cnn(batch.images))), None
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
            cells_BCN: Tensor = batch.spread(self.cnn(batch.images).flatten(2))
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


def _text_encoder(config: RelationNetworkConfig) -> TextEncoder | BagEncoder:
    """What reads the question."""
    if config.text == "bag":
        return BagEncoder(config.vocabulary_size, config.word_size)
    return TextEncoder(
        config.vocabulary_size,
        config.word_size,
        config.lstm_hidden,
        reverse=config.reverse,
        pad_to=config.pad_to,
    )
