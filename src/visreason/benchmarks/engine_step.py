"""Forward and backward through an engine that executes programs, against the same programs executed one by one.

What `module_network` and `module_memory` measure with. Both forms have the same network and questions; in the literal
form the stem sees every question's image, and every program is executed alone, function after function. They take
turns on one thread and count in CPU seconds, the least of each; memory is the growth of the peak over one pass, each
in a process of its own. On a GPU it is seconds until the device is done, and memory on the device.

Shape legend: B questions, I images, D channels, h x w cells, A answers.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from visreason.benchmarks.clock import seconds
from visreason.benchmarks.memory import peak_memory
from visreason.benchmarks.row import Row
from visreason.clevr.questions import QuestionEngine
from visreason.clevr.sampling import sample_scene, scene_rng
from visreason.data.vocabulary import CLEVR_VOCABULARY
from visreason.models.program_engine import Apply, ProgramEngine
from visreason.nn.batch import Batch
from visreason.nn.image_encoder import ImageEncoderConfig

FEATURES = (1024, 14, 14)
"""Those of a ResNet-101's third stage, on which the published engines were trained."""

PUBLISHED: dict[str, Any] = {
    "image": ImageEncoderConfig(kind="features", shape=FEATURES),
    "functions": CLEVR_VOCABULARY.functions,
    "arities": CLEVR_VOCABULARY.arities,
    "answer_count": len(CLEVR_VOCABULARY.answers),
}
"""What an engine of CLEVR's programs is told; the rest is its default."""

TOLERANCE = {"float32": (1e-5, 1e-4), "bfloat16": (3e-2, 2e-1)}
"""How far, as a share, scores and gradient may lie from the literal form's in float32."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What is measured.

    Attributes:
        name: of the row.
        questions: B.
        per_image: questions about each image.
        dtype: of our form: "float32" or "bfloat16", by autocast; the literal form computes in float32.
        device: "cpu" or "cuda".
    """

    name: str
    questions: int
    per_image: int = 1
    dtype: str = "float32"
    device: str = "cpu"


@dataclass(frozen=True, slots=True)
class Engine:
    """An engine in its two forms.

    Attributes:
        module: the benchmark's module, which prints `added_memory` when it is run.
        build: a published network.
        literally: of such a network, what applies a function to its inputs in the literal form.
        cases: what is measured; those of a GPU only where there is one.
    """

    module: str
    build: Callable[[], ProgramEngine]
    literally: Callable[[ProgramEngine], Apply]
    cases: tuple[Case, ...]


def measure_all(engine: Engine, rounds: int) -> list[Row]:
    """The rows of every case, on one thread; those of a GPU each with its `host_share`.

    Args:
        engine: what is measured.
        rounds: passes through each form; the fastest counts.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        rows = []
        for case in engine.cases:
            if case.device == "cpu":
                rows.append(measure(engine, case, rounds))
            elif torch.cuda.is_available():
                rows.append(measure(engine, case, rounds))
                share = min(Work(engine, case).host_share() for _ in range(rounds))
                rows.append(Row(name=f"{case.name}.host-share", value=share, unit="of the time"))
        return rows
    finally:
        torch.set_num_threads(threads)


def measure(engine: Engine, case: Case, rounds: int) -> Row:
    """One case as a row."""
    works = [Work(engine, case, literal=True), Work(engine, case)]
    seconds = fastest(works, rounds)
    added = [
        work.device_memory() if case.device == "cuda" else _elsewhere(engine.module, case.name, *flag)
        for work, flag in zip(works, (["--literal"], []), strict=True)
    ]
    return Row(
        name=case.name,
        ratio=seconds[0] / seconds[1],
        memory_ratio=added[1] / added[0],
        equal=equal(engine, case),
        value=seconds[1],
        unit="CPU s" if case.device == "cpu" else "s",
    )


class Work:
    """A pass through an engine: forward, cross entropy, backward.

    Args:
        engine: the engine.
        case: on what.
        literal: execute program after program.
    """

    def __init__(self, engine: Engine, case: Case, *, literal: bool = False) -> None:
        self.case, self.literal = case, engine.literally if literal else None
        torch.manual_seed(0)
        self.model = engine.build().to(case.device)
        self.batch = make_batch(case.questions, case.per_image).to(case.device)

    def __call__(self) -> None:
        """Do it once."""
        self.model.zero_grad()
        assert self.batch.answers is not None
        functional.cross_entropy(self.scores(), self.batch.answers).backward()  # type: ignore[no-untyped-call]

    def scores(self) -> Tensor:
        """The answers' scores `[B, A]` in float32."""
        if self.literal is not None:
            return one_by_one(self.model, self.batch, self.literal(self.model))
        with torch.autocast(self.case.device, torch.bfloat16, enabled=self.case.dtype == "bfloat16"):
            logits_BA: Tensor = self.model(self.batch).logits
        return logits_BA.float()

    def seconds(self) -> float:
        """How long it takes: CPU seconds, or on a GPU until that is done."""
        return seconds(self, self.case.device)

    def host_share(self) -> float:
        """Of a pass on a GPU, the share of its time until all is handed to the device.

        Near 1 the device waits for Python; well below 1 Python waits for the device.
        """
        torch.cuda.synchronize()
        start = time.perf_counter()
        self()
        handed = time.perf_counter() - start
        torch.cuda.synchronize()
        return handed / (time.perf_counter() - start)

    def device_memory(self) -> float:
        """MiB by which the memory held on the GPU grows over one pass."""
        torch.cuda.reset_peak_memory_stats()
        before = torch.cuda.memory_allocated()
        self()
        return (torch.cuda.max_memory_allocated() - before) / 2**20


def make_batch(questions: int, per_image: int = 1) -> Batch:
    """Questions of our own engine, `per_image` about each scene, with random features and answers."""
    images = questions // per_image
    scenes = [sample_scene(scene_rng(0, "val", i), i, "val") for i in range(images)]
    asked = list(QuestionEngine(seed=0).generate(scenes, per_image))
    rows = [CLEVR_VOCABULARY.encode_program(question.program or ()) for question in asked]
    longest = max(map(len, rows))
    numbers = torch.Generator().manual_seed(0)
    return Batch(
        tokens=torch.ones(questions, 1, dtype=torch.long),
        lengths=torch.ones(questions, dtype=torch.long),
        features=torch.rand(images, *FEATURES, generator=numbers),
        image_rows=torch.tensor([question.image_index for question in asked]),
        programs=torch.tensor([row + [0] * (longest - len(row)) for row in rows]),
        answers=torch.randint(0, len(CLEVR_VOCABULARY.answers), (questions,), generator=numbers),
    )


def one_by_one(model: ProgramEngine, batch: Batch, apply: Apply) -> Tensor:
    """Scores `[B, A]` as the formula is written: the stem for every question, then program after program.

    Args:
        model: the engine.
        batch: the questions.
        apply: applies a function to its inputs.
    """
    assert batch.programs is not None
    cells_BDHW = batch.spread(model.image(batch))
    stem_BDHW = model.stem(cells_BDHW)
    roots = []
    for row, tree in enumerate(model.grammar.trees(batch.programs)):
        maps: list[Tensor] = []
        for number, inputs in zip(tree.numbers, tree.inputs, strict=True):
            read = tuple(maps[one] for one in inputs) or (stem_BDHW[row : row + 1],)
            maps.append(apply(number, read))
        roots.append(maps[-1])
    logits_BA: Tensor = model.classifier(torch.cat(roots))
    return logits_BA


def fastest(works: Sequence[Work], rounds: int) -> list[float]:
    """Seconds of each work's fastest round, all taking turns."""
    best = [float("inf")] * len(works)
    for _ in range(rounds):
        best = [min(least, work.seconds()) for least, work in zip(best, works, strict=True)]
    return best


def equal(engine: Engine, case: Case) -> bool:
    """Whether scores and gradient agree with the literal form's, within `TOLERANCE`."""
    found = []
    for literal in (True, False):
        work = Work(engine, case, literal=literal)
        work.model.eval()
        logits_BA = work.scores()
        functional.cross_entropy(logits_BA, work.batch.answers).backward()  # type: ignore
        found.append((logits_BA.detach(), _gradient(work.model)))
    return all(
        bool((ours - literal).norm() <= tolerance * literal.norm())
        for literal, ours, tolerance in zip(*found, TOLERANCE[case.dtype], strict=True)
    )


def _gradient(model: nn.Module) -> Tensor:
    return torch.cat([one.grad.flatten() for one in model.parameters() if one.grad is not None])


def added_memory(engine: Engine, case: Case, *, literal: bool) -> float:
    """MiB by which the process's peak grows over one pass; meant for a fresh process.

    A pass with one question goes first, so that what PyTorch loads once is not counted.
    """
    work = Work(engine, case, literal=literal)
    whole, work.batch = work.batch, work.batch.select(torch.tensor([0]))
    work()
    work.batch, before = whole, peak_memory()
    work()
    return peak_memory() - before


def _elsewhere(module: str, *arguments: str) -> float:
    """`added_memory` in a process of its own."""
    done = subprocess.run([sys.executable, "-m", module, *arguments], check=True, capture_output=True)
    return float(json.loads(done.stdout))


def main(engine: Engine) -> None:
    """Print the memory that one pass through a case adds, on one thread: what `measure` calls in other processes."""
    parser = argparse.ArgumentParser(description="Print the MiB that one pass adds.")
    parser.add_argument("case", choices=[case.name for case in engine.cases])
    parser.add_argument("--literal", action="store_true")
    given = parser.parse_args()
    torch.set_num_threads(1)
    case = next(case for case in engine.cases if case.name == given.case)
    print(json.dumps(added_memory(engine, case, literal=given.literal)))
