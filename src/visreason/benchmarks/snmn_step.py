"""A Stack Neural Module Network's training step against the form in which it is written: time, memory, equality.

Both are the published network (features of 1024x14x14, 45 words, true layouts). By the book the nine modules run one
after the other and normalise a map of all cells for each (`PlainStackModules`), every image's features are joined with
the positions before they are multiplied, the text is attended to step by step (`PlainTextController`), the questions
are packed for one LSTM that reads both ways, and Adam and the running average of weights go from tensor to tensor, as
PyTorch does on a CPU unless it is told otherwise; ours rearranges the same sums, fuses both, and multiplies by
`visreason.nn.products`. A step is forward, the losses of answer and layout, backward, clipping, Adam and the average.
Both take turns on one thread and count in CPU seconds, the least of each; memory is the growth of the peak over one
step, each in a process of its own. The second row leaves clipping, Adam and the average out.
"""

import argparse
import json
import subprocess
import sys
import time
from dataclasses import replace

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils import clip_grad_norm_

from visreason.benchmarks.memory import peak_memory
from visreason.benchmarks.row import Row
from visreason.models.stack_nmn import StackNmn, StackNmnConfig
from visreason.nn.batch import Batch
from visreason.nn.controller_plain import PackedBothWays, PlainTextController
from visreason.nn.dense import Dense
from visreason.nn.image_encoder import ImageEncoderConfig
from visreason.nn.stack_modules_plain import PlainStackModules

_SEE = ImageEncoderConfig(kind="features", shape=(1024, 14, 14))
PUBLISHED = StackNmnConfig(vocabulary_size=82, answer_count=28, image=_SEE, stack_places=8, dropout=0.0)
WORDS = 45
TOLERANCE = 1e-4
"""How far, as a share, loss and gradient may lie from the plain form's."""


class PlainStackNmn(StackNmn):
    """The network by the book."""

    def __init__(self, config: StackNmnConfig) -> None:
        super().__init__(config)
        self.modules_of_stack.__class__ = PlainStackModules
        self.controller.__class__ = PlainTextController
        self.controller.encoder.__class__ = PackedBothWays
        for module in self.modules():
            if isinstance(module, Dense):
                module.__class__ = nn.Linear  # type: ignore[assignment]

    def knowledge(self, batch: Batch) -> Tensor:
        """What is known of every cell, `[I, P, D]`: two layers over features and positions."""
        seen_IPC = self.image(batch).flatten(2).transpose(1, 2)
        place_IPF = self.positions_PF.expand(len(seen_IPC), -1, -1)
        first_IPD = functional.elu(self.first(torch.cat([seen_IPC, place_IPF], dim=2)))
        cells_IPD: Tensor = self.second(first_IPD)
        return cells_IPD


def run(
    rounds: int = 3,
    config: StackNmnConfig = PUBLISHED,
    sizes: tuple[int, int] = (16, 64),
    measure: bool = True,
) -> list[Row]:
    """Measure the step.

    Args:
        rounds: steps of each; the fastest counts.
        config: of both networks.
        sizes: questions of a step, for time and for memory.
        measure: memory too, in processes of their own.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        rows = [
            _compare("snmn-step.float32", make_batch(config, sizes[0]), config, rounds),
            _compare("snmn-step.gradient", make_batch(config, sizes[0]), config, rounds, only_gradient=True),
            _compare("snmn-step.8-questions-an-image", make_batch(config, sizes[0], 8), config, rounds),
        ]
    finally:
        torch.set_num_threads(threads)
    if measure:
        added = [_added_memory_elsewhere(str(sizes[1]), *flag) for flag in (["--plain"], [])]
        memory = Row(
            name=f"snmn-step.memory-{sizes[1]}", memory_ratio=added[1] / added[0], value=added[1], unit="MiB"
        )
        rows.append(memory)
    return rows


def _compare(
    name: str, batch: Batch, config: StackNmnConfig, rounds: int, *, only_gradient: bool = False
) -> Row:
    """Time of both forms, of the whole step or up to the gradient, and whether they do the same."""
    assert batch.features is not None
    apart = replace(batch, features=batch.spread(batch.features), image_rows=None)
    works = [(Trainer(config, plain=True), apart), (Trainer(config, plain=False), batch)]
    slopes = [trainer.gradient(given) for trainer, given in works]
    seconds = [float("inf")] * 2
    for _ in range(rounds):
        for index, (trainer, given) in enumerate(works):
            start = time.process_time()
            trainer.backward(given) if only_gradient else trainer.step(given)
            seconds[index] = min(seconds[index], time.process_time() - start)
    same = bool((slopes[0] - slopes[1]).norm() <= TOLERANCE * slopes[0].norm())
    return Row(name=name, ratio=seconds[0] / seconds[1], equal=same, value=seconds[1], unit="CPU s")


class Trainer:
    """A network with fixed weights and what a step of its training needs.

    Args:
        config: of the network.
        plain: by the book.
    """

    def __init__(self, config: StackNmnConfig, *, plain: bool) -> None:
        torch.manual_seed(0)
        self.model = (PlainStackNmn if plain else StackNmn)(config)
        self.average = [one.detach().clone() for one in self.model.parameters()]
        self.plain = plain
        self.optimizer = torch.optim.Adam(
            self.model.parameters(),
            1e-4,
            weight_decay=1e-5,
            fused=not plain,
            foreach=False if plain else None,
        )

    def gradient(self, batch: Batch) -> Tensor:
        """The whole gradient of the loss, which is left in the parameters."""
        self.backward(batch)
        return torch.cat([one.grad.flatten() for one in self.model.parameters() if one.grad is not None])

    def loss(self, batch: Batch) -> Tensor:
        """Cross entropy of answers and of the modules at every step."""
        output = self.model(batch)
        assert output.modules is not None
        assert batch.answers is not None
        layout_BT = torch.arange(output.modules.shape[1]).expand(len(batch), -1) % output.modules.shape[2]
        return functional.cross_entropy(output.logits, batch.answers) + functional.cross_entropy(
            output.modules.flatten(0, 1), layout_BT.flatten()
        )

    def step(self, batch: Batch) -> None:
        """One step of training."""
        self.backward(batch)
        clip_grad_norm_(self.model.parameters(), 8)
        self.optimizer.step()
        weights = [one.detach() for one in self.model.parameters()]
        if not self.plain:
            torch._foreach_lerp_(self.average, weights, 0.001)
            return
        for average, weight in zip(self.average, weights, strict=True):
            average.mul_(0.999).add_(weight, alpha=0.001)

    def backward(self, batch: Batch) -> None:
        """The gradient, which is left in the parameters."""
        self.optimizer.zero_grad()
        self.loss(batch).backward()  # type: ignore[no-untyped-call]


def make_batch(config: StackNmnConfig, questions: int, per_image: int = 1) -> Batch:
    """Random questions and features, so many questions an image."""
    numbers = torch.Generator().manual_seed(0)
    return Batch(
        tokens=torch.randint(1, config.vocabulary_size + 1, (questions, WORDS), generator=numbers),
        lengths=torch.full((questions,), WORDS),
        features=torch.rand(-(-questions // per_image), *config.image.shape, generator=numbers),
        image_rows=torch.arange(questions) // per_image if per_image > 1 else None,
        answers=torch.randint(0, config.answer_count or 1, (questions,), generator=numbers),
    )


def added_memory(config: StackNmnConfig, questions: int, *, plain: bool) -> float:
    """MiB by which the process's peak grows over one step; meant for a fresh process.

    A step of two questions goes first, so that what PyTorch loads once is not counted.
    """
    trainer, batch = Trainer(config, plain=plain), make_batch(config, questions)
    trainer.step(make_batch(config, 2))
    before = peak_memory()
    trainer.step(batch)
    return peak_memory() - before


def _added_memory_elsewhere(*arguments: str) -> float:
    """`added_memory` of the published network in a process of its own."""
    done = subprocess.run([sys.executable, "-m", __name__, *arguments], check=True, capture_output=True)
    return float(json.loads(done.stdout))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Print the MiB that one step adds.")
    parser.add_argument("questions", type=int)
    parser.add_argument("--plain", action="store_true")
    given = parser.parse_args()
    torch.set_num_threads(1)
    print(json.dumps(added_memory(PUBLISHED, given.questions, plain=given.plain)))
