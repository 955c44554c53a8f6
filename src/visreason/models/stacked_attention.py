"""Stacked attention: look several times, each time with what was seen before in mind.

Yang et al., "Stacked Attention Networks for Image Question Answering" (2016), with the whole question before every
look (`reading="question"`), or word by word: one look a word, the sum of the word's state and what was attended
before deciding where (`reading="words"`).

Published settings differ; each is a choice of fields:

| | hops | share_hops | residual | stem_layers | skip_last |
|---|---|---|---|---|---|
| Yang et al. (2016) | 2 | no | yes | 0 | - |
| CNN+LSTM+SA of Johnson et al. (2017) | 2 | no | yes | 0 | - |
| VisualReasoning_MMnet, SAN | 3 | yes | yes | 2 | - |
| VisualReasoning_MMnet, word by word | one a word | - | no | 2 | yes |

Shape legend: B questions, I images, T words, N = h * w cells, D numbers a cell and of a question's state, K hidden
size, A answers.
"""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn

from visreason.models.config import require
from visreason.models.output import Output, likeliest
from visreason.nn.answer_head import AnswerHead
from visreason.nn.attention import CellAttention
from visreason.nn.batch import Batch
from visreason.nn.grid_layers import stem
from visreason.nn.image_encoder import ImageEncoder, ImageEncoderConfig
from visreason.nn.text import TextEncoder
from visreason.nn.word_attention import attend_by_words
from visreason.trace.schema import Step, Trace, numbers, table


@dataclass(frozen=True, slots=True, kw_only=True)
class StackedAttentionConfig:
    """The size and wiring of a stacked attention network.

    Attributes:
        vocabulary_size: the number of words, without padding.
        answer_count: A.
        image: how the network sees.
        reading: `"question"`: every hop is asked the whole question; `"words"`: one hop a word.
        hops: how many looks, for `"question"` only (else leave it 1).
        share_hops: all hops have the same weights; word by word they always have.
        residual: a hop gives what it attends to plus what it was asked, and not the former alone.
        stem_layers: 3x3 convolutions between image encoder and attention; 0 is one 1x1 convolution without ReLU.
        dim: D.
        attention_hidden: K.
        word_size: of a word's embedding.
        lstm_layers: of the question's encoder.
        reverse: read questions from the last word to the first.
        skip_last: word by word, leave out the last state, which in old checkpoints is that of the end symbol.
        f_widths: the hidden layers from the last state to the answer.
        dropout: before the last hidden layer's ReLU.
        batch_norm: normalise in the answer's layers.
    """

    vocabulary_size: int
    answer_count: int
    image: ImageEncoderConfig
    reading: Literal["question", "words"] = "question"
    hops: int = 2
    share_hops: bool = False
    residual: bool = True
    stem_layers: int = 2
    dim: int = 256
    attention_hidden: int = 512
    word_size: int = 300
    lstm_layers: int = 2
    reverse: bool = False
    skip_last: bool = False
    f_widths: tuple[int, ...] = (1024,)
    dropout: float = 0.0
    batch_norm: bool = False


class StackedAttention(nn.Module):
    """Scores of answers from repeated looks at an image.

    ```
    v = cells;   h_1 ... h_T = LSTM(words)
    question:    u_0 = h_T;     u_k = att_k(v, u_{k-1}) [+ u_{k-1}],      k = 1 ... hops
    words:       u_0 = 0;       u_t = att(v, u_{t-1} + h_t) [+ u_{t-1} + h_t],   t = 1 ... T
    scores = f(u)
    ```

    with the summands in brackets where `residual` is set. Word by word the whole batch takes one step together
    (`visreason.nn.word_attention`).

    Raises:
        ModelError: a configuration that fits no network.

    Example:
        >>> see = ImageEncoderConfig(kind="pixels", shape=(3, 32, 32), channels=(8, 8))
        >>> model = StackedAttention(StackedAttentionConfig(vocabulary_size=82, answer_count=28, image=see, dim=16))
        >>> question = {"tokens": torch.tensor([[5, 7]]), "lengths": torch.tensor([2])}
        >>> output = model(Batch(**question, images=torch.rand(1, 3, 32, 32)), trace=True)
        >>> output.logits.shape, [step.name for step in output.trace[0].steps]
        (torch.Size([1, 28]), ['hop 1', 'hop 2'])
    """

    def __init__(self, config: StackedAttentionConfig) -> None:
        super().__init__()
        words = config.reading == "words"
        require(config.answer_count > 1, f"answer_count is {config.answer_count}; give two or more.")
        require(config.hops > 0, f"hops is {config.hops}; give at least one.")
        require(
            not words or (config.hops == 1 and not config.share_hops),
            "word by word there is one hop a word, all of the same weights: leave hops 1 and share_hops false.",
        )
        require(words or not config.skip_last, "skip_last is for reading 'words'; leave it false.")
        self.config = config
        self.image = ImageEncoder(config.image)
        channels = self.image.channels
        self.stem: nn.Module = (
            stem(channels, config.dim, config.stem_layers, winograd=True)
            if config.stem_layers
            else nn.Conv2d(channels, config.dim, kernel_size=1)
        )
        self.text = TextEncoder(
            config.vocabulary_size,
            config.word_size,
            config.dim,
            reverse=config.reverse,
            layers=config.lstm_layers,
        )
        count = 1 if config.share_hops else config.hops
        self.hops = nn.ModuleList(
            CellAttention(config.dim, config.dim, config.attention_hidden) for _ in range(count)
        )
        self.head = AnswerHead(
            config.dim, config.f_widths, config.answer_count, config.dropout, batch_norm=config.batch_norm
        )

    def forward(self, batch: Batch, *, trace: bool = False) -> Output:
        """Scores `[B, A]`; with `trace`, where every hop looked.

        Raises:
            ModelError: the batch lacks what the model sees, or a question has no words.
        """
        values_IND = self.stem(self.image(batch)).flatten(2).transpose(1, 2)
        states_BTD, read_B = self.text.states(batch.tokens, batch.lengths)
        if self.config.reading == "words":
            state_BD, maps_BHN, words_B = self._by_words(batch, values_IND, states_BTD, read_B)
        else:
            state_BD, maps_BHN = self._by_question(batch, values_IND, states_BTD, read_B)
            words_B = None
        logits_BA = self.head(state_BD)
        if not trace:
            return Output(logits_BA)
        return Output(logits_BA, trace=self._explain(batch, maps_BHN, words_B, logits_BA))

    def _by_question(
        self, batch: Batch, values_IND: Tensor, states_BTD: Tensor, read_B: Tensor
    ) -> tuple[Tensor, Tensor]:
        """The last state `[B, D]` and every hop's attention `[B, hops, N]`."""
        state_BD = states_BTD[torch.arange(len(read_B), device=read_B.device), read_B - 1]
        values_BND, maps = batch.spread(values_IND), []
        keys_BNK = batch.spread(self._hop(0).keys(values_IND))
        for hop in range(self.config.hops):
            if hop and not self.config.share_hops:
                keys_BNK = batch.spread(self._hop(hop).keys(values_IND))
            attended_BD, weights_BN = self._hop(hop)(values_BND, keys_BNK, state_BD)
            state_BD = attended_BD + state_BD if self.config.residual else attended_BD
            maps.append(weights_BN)
        return state_BD, torch.stack(maps, dim=1)

    def _by_words(
        self, batch: Batch, values_IND: Tensor, states_BTD: Tensor, read_B: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """The last state `[B, D]`, every word's attention `[B, T, N]`, and how many words each question has."""
        words_B = (read_B - 1).clamp_min(1) if self.config.skip_last else read_B
        rows_B = batch.spread(torch.arange(len(values_IND), device=values_IND.device))
        keys_INK = self._hop(0).keys(values_IND)
        state_BD, maps_BTN = attend_by_words(
            self._hop(0), values_IND, keys_INK, states_BTD, rows_B, words_B, residual=self.config.residual
        )
        return state_BD, maps_BTN, words_B

    def _hop(self, hop: int) -> CellAttention:
        attention = self.hops[0 if self.config.share_hops else hop]
        assert isinstance(attention, CellAttention)
        return attention

    def _explain(
        self, batch: Batch, maps_BHN: Tensor, words_B: Tensor | None, logits_BA: Tensor
    ) -> list[Trace]:
        """One step a hop, with its map over the image; word by word, with the word it was about."""
        shape = (*maps_BHN.shape[:2], self.image.height, self.image.width)
        grids = maps_BHN.detach().float().reshape(shape).cpu()
        return [
            Trace(
                family="stacked-attention",
                steps=tuple(
                    self._step(grids[row, hop].tolist(), hop, int(batch.lengths[row]))
                    for hop in range(len(grids[row]) if words_B is None else int(words_B[row]))
                ),
                answers=answers,
            )
            for row, answers in enumerate(likeliest(logits_BA))
        ]

    def _step(self, grid: list[list[float]], hop: int, length: int) -> Step:
        if self.config.reading == "question":
            return Step(name=f"hop {hop + 1}", grid=table(grid))
        word = length - 1 - hop if self.config.reverse else hop
        about = numbers(float(place == word) for place in range(length))
        return Step(name=f"word {word + 1}", grid=table(grid), text_attention=about)
