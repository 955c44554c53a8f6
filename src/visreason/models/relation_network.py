"""Relation Networks: answer a question by summing a small network over all pairs of objects.

Santoro et al., "A simple neural network module for relational reasoning" (2017), from pixels or from state
descriptions; with the question injected after the first two pair layers it is the two-stage network of
Messina et al., "Learning Relationship-aware Visual Features" (2018), whose inner states serve image
retrieval; injected after the pairs have been summed, with a learnt sum, it is their network of aggregated visual
features ("Learning visual features for relational CBIR", 2019), whose sum describes the image. With hard attention
(Malinowski et al., "Learning Visual Question Answering by Bootstrapping Hard Attention", 2018) only the cells that
matter are paired: 144 pairs, say, in place of 9,216.

Shape legend: B questions, I images (as many, or fewer where questions share one), N objects (or cells), C numbers an
object, Q question size, G pair network's width, A answers, K any width.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, NamedTuple

from torch import Tensor, nn

from visreason.errors import ModelError
from visreason.models.config import require
from visreason.models.output import Output
from visreason.models.relation_trace import explain
from visreason.nn.answer_head import AnswerHead
from visreason.nn.batch import Batch
from visreason.nn.cell_attention import Attended, CellAttention
from visreason.nn.convolution import PixelCnn
from visreason.nn.coordinates import cells_as_objects
from visreason.nn.grid_layers import stem
from visreason.nn.pairwise import Aggregation, PairWeights, PairwiseRelations
from visreason.nn.text import BagEncoder, TextEncoder


@dataclass(frozen=True, slots=True, kw_only=True)
class RelationNetworkConfig:
    """The size and wiring of a Relation Network; the defaults are the published network from pixels.

    Attributes:
        vocabulary_size: the number of words, without padding.
        answer_count: A.
        input: `"pixels"`: the cells of a CNN are the objects; `"state"`: the objects are given.
        object_size: numbers an object, for `"state"` only.
        conv_channels: the width of each convolution, for `"pixels"` only, as the next three.
        conv_strides: how far each strides; None: 2 everywhere.
        stem_widths: of further 3x3 convolutions over the cells, which learn where the first are left as they are.
        attended_cells: pair only so many cells of an image, those that score highest (`CellAttention`); None: all.
        text: `"lstm"` reads the words in order; `"bag"` takes the mean of their embeddings, for questions that their
            words alone tell apart (the published network of Sort-of-CLEVR reads a fixed vector a question, too).
        word_size: of a word's embedding; Q for `"bag"`.
        lstm_hidden: Q for `"lstm"`.
        reverse: read questions from the last word to the first (without it the published setting does not
            learn); for `"lstm"` only, as the next.
        pad_to: read at least so many tokens, zeros first; for old checkpoints, see `TextEncoder`.
        g_widths: the pair network's layers.
        injection_layer: the layer that also reads the question, those of g and f numbered through: 0 is the original
            network, 2 the two-stage one, `len(g_widths)` the first that reads the sum, `len(g_widths) + len(f_widths)`
            the one that scores.
        aggregation: `"sum"` or `"mean"` over pairs, or `"weighted-sum"`: what each place in the table of pairs
            weighs is learnt.
        objects: the most objects there are, or the number of cells: N of the N x N weights; for `"weighted-sum"` only.
        pair_weights: what they start from: `"uniform"` draws them between -1 and 1 as published, `"ones"` starts from
            the plain sum; for `"weighted-sum"` only.
        mask_objects: leave padded objects out. Networks trained with padding as objects need it off.
        f_widths: the hidden layers from sum to answer.
        dropout: before the last hidden layer's ReLU.
    """

    vocabulary_size: int
    answer_count: int
    input: Literal["pixels", "state"] = "pixels"
    object_size: int | None = None
    conv_channels: tuple[int, ...] = (24, 24, 24, 24)
    conv_strides: tuple[int, ...] | None = None
    stem_widths: tuple[int, ...] = ()
    attended_cells: int | None = None
    text: Literal["lstm", "bag"] = "lstm"
    word_size: int = 32
    lstm_hidden: int = 128
    reverse: bool = True
    pad_to: int | None = None
    g_widths: tuple[int, ...] = (256, 256, 256, 256)
    injection_layer: int = 0
    aggregation: Aggregation = "sum"
    objects: int | None = None
    pair_weights: PairWeights = "uniform"
    mask_objects: bool = True
    f_widths: tuple[int, ...] = (256, 256)
    dropout: float = 0.5


class RelationNetwork(nn.Module):
    """Scores of answers from a question and all pairs of objects.

    ```
    q = LSTM(words) or their mean;   x = cells of CNN(image) with coordinates, or the given objects
    s = sum_{i,j} a_ij g([x_j | x_i], q);   scores = f(s, q)
    ```

    where one layer of g or f reads the question. If it is one of f, s describes the image (`aggregate`), and is
    computed once for all questions about it.

    Raises:
        ModelError: a configuration that fits no network.

    Example:
        >>> import torch
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
        self.attention: CellAttention | None = None
        if config.input == "pixels":
            require(
                config.object_size is None, "object_size is for input 'state'; leave it out for 'pixels'."
            )
            require(len(config.conv_channels) > 0, "conv_channels is empty; give at least one layer's width.")
            strides = config.conv_strides
            require(
                strides is None or (len(strides) == len(config.conv_channels) and min(strides) > 0),
                f"conv_strides are one for each of the {len(config.conv_channels)} convolutions, from 1 on; "
                f"got {strides}.",
            )
            self.cnn = PixelCnn(config.conv_channels, strides)
            channels = (*config.conv_channels[-1:], *config.stem_widths)
            self.stem = nn.Sequential(
                *(stem(before, after, 1, batch_norm=True) for before, after in pairwise(channels))
            )
            self.attention = _attention(config, channels[-1])
            size = channels[-1] + 2
        else:
            require(
                not config.stem_widths and config.attended_cells is None,
                "stem_widths and attended_cells are for input 'pixels'; leave them out for 'state'.",
            )
            require(
                config.object_size is not None, "input 'state' needs object_size, the numbers an object has."
            )
            size = config.object_size or 0
        self.text = _text_encoder(config)
        question = config.lstm_hidden if config.text == "lstm" else config.word_size
        pair_layers, last = len(config.g_widths), len(config.g_widths) + len(config.f_widths)
        require(
            0 <= config.injection_layer <= last,
            f"the question is injected at layer {config.injection_layer}; with {pair_layers} pair layers and "
            f"{len(config.f_widths)} hidden ones after them, give an injection layer from 0 to {last}.",
        )
        self.late = config.injection_layer >= pair_layers  # no pair layer reads the question
        self.relations = PairwiseRelations(
            size,
            question,
            config.g_widths,
            min(config.injection_layer, pair_layers),
            aggregation=config.aggregation,
            objects=config.objects,
            pair_weights=config.pair_weights,
        )
        self.head = AnswerHead(
            config.g_widths[-1],
            config.f_widths,
            config.answer_count,
            config.dropout,
            joined=question if self.late else 0,
            joins_at=config.injection_layer - pair_layers,
        )

    def forward(self, batch: Batch, *, trace: bool = False) -> Output:
        """Scores `[B, A]`; with `trace`, which words and pairs drove each answer (`relation_trace`).

        Raises:
            ModelError: the batch lacks images or objects, or they have the wrong size.
        """
        question_BQ = self.text(batch.tokens, batch.lengths)
        seen = self._seen(batch)
        if self.late:
            relations_BG = self._spread(batch, self._sum(seen))
        else:
            relations_BG = self.relations(self._spread(batch, seen.objects), question_BQ, seen.mask)
        logits_BA = self.judge(relations_BG, question_BQ)
        if self.training and seen.attended is not None:
            return Output(logits_BA, referents=self._spread(batch, seen.attended.scores)[:, None])
        traces = explain(self, batch, question_BQ, relations_BG, logits_BA) if trace else None
        return Output(logits_BA, trace=traces)

    def judge(self, relations_BG: Tensor, question_BQ: Tensor) -> Tensor:
        """Scores `[B, A]` from the summed pairs and the encoded questions."""
        scores_BA: Tensor = self.head(relations_BG, question_BQ if self.late else None)
        return scores_BA

    def aggregate(self, batch: Batch) -> Tensor:
        """What the network says of each image before it reads a question: the summed pairs, `[I, G]`, for retrieval.

        The aggregated visual features of Messina et al. (2019).

        Raises:
            ModelError: the pairs of this network read the question; or the batch does not fit.
        """
        if not self.late:
            raise ModelError(
                "the pairs of this Relation Network read the question (injection_layer "
                f"{self.config.injection_layer}), so their sum does not describe the image alone. Take a layer before, "
                f"or a network that reads the question at layer {len(self.config.g_widths)} or later."
            )
        return self._sum(self._seen(batch))

    def _sum(self, seen: "Seen") -> Tensor:
        """The summed pairs of all that is seen, where they read no question."""
        nothing = seen.objects.new_zeros(len(seen.objects), 0)
        return self.relations(seen.objects, nothing, seen.mask)  # type: ignore[no-any-return]

    def objects(self, batch: Batch) -> tuple[Tensor, Tensor | None]:
        """What is paired: objects `[B, N, C]`, and a mask `[B, N]` where some are padding.

        From pixels these are the cells with their coordinates: all in row order, or those that attention keeps.

        Raises:
            ModelError: the batch lacks images or objects, or they have the wrong size.
        """
        seen = self._seen(batch)
        return self._spread(batch, seen.objects), seen.mask

    def attended(self, batch: Batch) -> Tensor | None:
        """Which cells of every question's image are paired, Long `[B, N]`; None where all are, or none is seen.

        Raises:
            ModelError: the batch lacks images, or they have the wrong size.
        """
        if self.attention is None:
            return None
        found = self._seen(batch).attended
        assert found is not None
        return self._spread(batch, found.cells)

    def _seen(self, batch: Batch) -> "Seen":
        """The cells of every image, or the objects of every question."""
        if self.cnn is not None:
            seen = batch.features if batch.images is None else self.cnn(batch.images)
            if seen is None:
                raise ModelError("this Relation Network reads images, and the batch has none.")
            seen = self.stem(seen)
            if self.attention is not None:
                attended = self.attention(seen)
                return Seen(attended.objects, None, attended)
            cells_INC = cells_as_objects(seen)
            if self.config.objects not in (None, cells_INC.shape[1]):
                raise ModelError(
                    f"these images have {cells_INC.shape[1]} cells, and this Relation Network weighs the pairs of "
                    f"{self.config.objects}. Give images of the size that it was trained on."
                )
            return Seen(cells_INC, None)
        if batch.objects is None:
            raise ModelError("this Relation Network reads state descriptions, and the batch has none.")
        if batch.objects.shape[2] != self.config.object_size:
            raise ModelError(
                f"objects have {batch.objects.shape[2]} numbers each, this Relation Network reads "
                f"{self.config.object_size}. Use the state encoding that it was trained with."
            )
        return Seen(batch.objects, batch.object_mask if self.config.mask_objects else None)

    def _spread(self, batch: Batch, of_seen: Tensor) -> Tensor:
        """What was computed of each image for every question about it; objects come with each question as it is."""
        return of_seen if self.cnn is None else batch.spread(of_seen)


class Seen(NamedTuple):
    """What a Relation Network pairs.

    Attributes:
        objects: `[I, N, C]` the cells of every image, or `[B, N, C]` the objects of every question.
        mask: `[B, N]`, True where there is an object and no padding; None where there is no padding.
        attended: how the cells were chosen; None where all are paired.
    """

    objects: Tensor
    mask: Tensor | None
    attended: Attended | None = None


def _attention(config: RelationNetworkConfig, channels: int) -> CellAttention | None:
    """What chooses the cells, if not all are paired."""
    if config.attended_cells is None:
        return None
    require(
        config.attended_cells > 1, f"attended_cells is {config.attended_cells}; give two or more, or null."
    )
    require(
        config.aggregation != "weighted-sum",
        "attended_cells and the weighted sum exclude each other: weights belong to places in the image.",
    )
    return CellAttention(channels, config.attended_cells)


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
