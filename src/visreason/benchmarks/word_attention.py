"""Attention word by word: a training step of the whole batch against one question and one word at a time.

Both networks are the same, of the size of VisualReasoning_MMnet's (features of 1024x14x14, 256 channels, 512 hidden);
the plain one loops over questions and words, projects the image anew for every word and writes its products as 1x1
convolutions of the map, as the reference does. Both take turns on one thread and count in CPU seconds, the least of
each.
"""

import time
from dataclasses import replace

import torch
from torch import Tensor
from torch.nn import functional

from visreason.benchmarks.row import Row
from visreason.models.stacked_attention import StackedAttention, StackedAttentionConfig
from visreason.nn.batch import Batch
from visreason.nn.image_encoder import ImageEncoderConfig
from visreason.nn.winograd import make_plain

_SEE = ImageEncoderConfig(kind="features", shape=(1024, 14, 14))
PUBLISHED = StackedAttentionConfig(
    vocabulary_size=92, answer_count=32, image=_SEE, reading="words", hops=1, residual=False, skip_last=True
)


class PlainWords(StackedAttention):
    """One question after the other, one word after the other, below PyTorch's own convolutions."""

    def __init__(self, config: StackedAttentionConfig) -> None:
        super().__init__(config)
        make_plain(self.stem)

    def _by_words(
        self, batch: Batch, values_IND: Tensor, states_BTD: Tensor, read_B: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        words_B, rows = (read_B - 1).clamp_min(1), []
        values_BND = batch.spread(values_IND)
        for row, words in enumerate(words_B.tolist()):
            state_1D = torch.zeros_like(states_BTD[:1, 0])
            for word in range(words):
                state_1D = self._look(values_BND[row, None], state_1D + states_BTD[row, None, word])
            rows.append(state_1D)
        return torch.cat(rows), values_BND[..., 0][:, None], words_B

    def _look(self, values_1ND: Tensor, query_1D: Tensor) -> Tensor:
        hop = self._hop(0)
        map_1Dhw = values_1ND.transpose(1, 2).unflatten(2, (self.image.height, self.image.width))  # type: ignore[no-untyped-call]
        keys_1Khw = functional.conv2d(map_1Dhw, hop.value.weight[..., None, None], hop.value.bias)
        hidden_1Khw = torch.tanh(keys_1Khw + hop.query(query_1D)[..., None, None].expand_as(keys_1Khw))
        scores_11hw = functional.conv2d(hidden_1Khw, hop.weight.weight[..., None, None], hop.weight.bias)
        weights_11hw = scores_11hw.flatten(1).softmax(dim=1).view_as(scores_11hw)
        attended_1D: Tensor = (weights_11hw.expand_as(map_1Dhw) * map_1Dhw).flatten(2).sum(dim=2)
        return attended_1D


CASES = {"word-attention.float32": 1, "word-attention.8-questions-an-image": 8}
"""Name and questions an image; the plain network sees each question's image apart."""


def run(
    rounds: int = 3, config: StackedAttentionConfig = PUBLISHED, questions: int = 16, words: int = 45
) -> list[Row]:
    """Measure the step.

    Args:
        rounds: steps of each; the fastest counts.
        config: of both networks.
        questions: of a step.
        words: of a question; CLEVR's longest has 43, and the reference adds two symbols.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return [
            _measure(name, make_batch(config, questions, words, per_image), config, rounds)
            for name, per_image in CASES.items()
        ]
    finally:
        torch.set_num_threads(threads)


def _measure(name: str, batch: Batch, config: StackedAttentionConfig, rounds: int) -> Row:
    """One case as a row."""
    assert batch.features is not None
    apart = replace(batch, features=batch.spread(batch.features), image_rows=None)
    works = [(build(config, plain=True), apart), (build(config, plain=False), batch)]
    seconds, slopes = [float("inf")] * 2, [torch.empty(0)] * 2
    for _ in range(rounds):
        for index, (model, given) in enumerate(works):
            start = time.process_time()
            slopes[index] = step(model, given)
            seconds[index] = min(seconds[index], time.process_time() - start)
    same = bool((slopes[0] - slopes[1]).norm() <= 1e-4 * slopes[0].norm())
    return Row(name=name, ratio=seconds[0] / seconds[1], equal=same, value=seconds[1], unit="CPU s")


def build(config: StackedAttentionConfig, *, plain: bool) -> StackedAttention:
    """A network with fixed weights, plain or ours."""
    torch.manual_seed(0)
    return (PlainWords if plain else StackedAttention)(config)


def make_batch(config: StackedAttentionConfig, questions: int, words: int, per_image: int = 1) -> Batch:
    """Random questions of so many words, so many about an image."""
    numbers = torch.Generator().manual_seed(0)
    shape = (-(-questions // per_image), *config.image.shape)
    return Batch(
        tokens=torch.randint(1, config.vocabulary_size + 1, (questions, words), generator=numbers),
        lengths=torch.full((questions,), words),
        features=torch.rand(shape, generator=numbers),
        image_rows=torch.arange(questions) // per_image,
        answers=torch.randint(0, config.answer_count, (questions,), generator=numbers),
    )


def step(model: StackedAttention, batch: Batch) -> Tensor:
    """Forward, cross entropy and backward; the gradient."""
    assert batch.answers is not None
    model.zero_grad()
    functional.cross_entropy(model(batch).logits, batch.answers).backward()  # type: ignore[no-untyped-call]
    return torch.cat([one.grad.flatten() for one in model.parameters() if one.grad is not None])
