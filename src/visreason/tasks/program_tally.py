"""Programs that a generator has written, held against the true ones, the grammar and the oracle.

Shape legend: B samples, P functions of the longest program, L places of the longest program and its END, V symbols.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any

from torch import Tensor

from visreason.clevr.executor import execute
from visreason.clevr.masks import SceneMasks
from visreason.clevr.program_forms import from_prefix
from visreason.clevr.programs import Program
from visreason.clevr.scene import Scene
from visreason.data.vocabulary import Vocabulary
from visreason.errors import ModelError, ProgramError
from visreason.metrics.intervals import Interval, clustered_fraction
from visreason.models import Output
from visreason.models.program_generator import program_loss, program_targets
from visreason.nn.batch import Batch
from visreason.nn.functions import NULL
from visreason.tasks.gather import gather_lists

Scenes = Callable[[], Mapping[int, Scene]]
"""Gives the scenes by their image's index, reading them when first asked."""


@dataclass(frozen=True, slots=True)
class WrittenProgram:
    """A program as a generator wrote it.

    Attributes:
        tokens: in prefix order, such as `("count", "filter_color[red]", "scene")`.
        program: the same as nodes; None where the tokens are no program.
        fault: why they are none: they close no tree, go on after it, or do not type-check; else None.
    """

    tokens: tuple[str, ...]
    program: Program | None
    fault: str | None

    def answer(self, masks: SceneMasks) -> str | None:
        """What the program answers on a scene; None where it is none, or asks for one thing where there is not one."""
        if self.program is None:
            return None
        try:
            return execute(self.program, masks)
        except ProgramError:
            return None


@lru_cache(maxsize=1 << 14)
def read_program(tokens: tuple[str, ...]) -> WrittenProgram:
    """Check what a generator wrote.

    Example:
        >>> read_program(("count", "scene")).fault is None
        True
        >>> print(read_program(("count", "exist", "scene")).fault)
        the program, node 2 (count): input 1 should be ObjectSet, node 1 (exist) is Bool.
    """
    try:
        return WrittenProgram(tokens, from_prefix(tokens, "the program"), None)
    except ProgramError as error:
        return WrittenProgram(tokens, None, str(error))


@dataclass(frozen=True, slots=True)
class ProgramScores:
    """How right programs are, each figure with its 95 % interval clustered by image.

    Attributes:
        valid: the fraction that closes a tree and type-checks.
        exact: the fraction that is the true program, function by function; None where no true ones are told.
        answers: the fraction that gives the true answer when the oracle executes it; None where there are no scenes.
    """

    valid: Interval
    exact: Interval | None = None
    answers: Interval | None = None

    def to_dict(self) -> dict[str, Any]:
        """The form of `programs` in `metrics.json`; what is not known is left out."""
        figures = {one.name: getattr(self, one.name) for one in fields(self)}
        return {name: figure.to_dict() for name, figure in figures.items() if figure is not None}

    def lines(self) -> dict[str, Interval]:
        """What a table for people calls the figures."""
        named = {
            "programs that type-check": self.valid,
            "programs that are the true one": self.exact,
            "programs that the oracle answers right by": self.answers,
        }
        return {name: figure for name, figure in named.items() if figure is not None}


class ProgramTally:
    """Programs of one pass over questions, each counted once.

    Args:
        vocabulary: names functions and answers.
        scenes: the scenes that the questions are about; None where there are none.

    Example:
        >>> import torch
        >>> from visreason.data.vocabulary import CLEVR_VOCABULARY
        >>> tally = ProgramTally(CLEVR_VOCABULARY)
        >>> programs = torch.tensor([CLEVR_VOCABULARY.encode_program(read_program(("count", "scene")).program)])
        >>> batch = Batch(tokens=torch.ones(1, 1), lengths=torch.ones(1), programs=programs,
        ...               answers=torch.tensor([3]), question_index=torch.tensor([0]), image_index=torch.tensor([0]))
        >>> tally.add(batch, Output(torch.zeros(1, 3, 44), programs=programs))
        >>> tally.metrics()
        {'programs_valid': 1.0, 'programs_exact': 1.0}
    """

    def __init__(self, vocabulary: Vocabulary, scenes: Scenes | None = None) -> None:
        self.vocabulary = vocabulary
        self.scenes = scenes
        self.written: list[tuple[str, ...]] = []
        self.true: list[tuple[str, ...]] = []
        self.answers: list[int] = []
        self.questions: list[int] = []
        self.images: list[int] = []

    def add(self, batch: Batch, output: Output) -> None:
        """Take the programs that a model wrote for a batch.

        Raises:
            ModelError: it wrote none.
        """
        if output.programs is None or batch.question_index is None or batch.image_index is None:
            raise ModelError(
                "this model writes no programs. Measure a program generator or a model that has one."
            )
        count = len(batch)
        self.written += self._words(output.programs)
        self.true += [()] * count if batch.programs is None else self._words(batch.programs)
        self.answers += [-1] * count if batch.answers is None else batch.answers.tolist()
        self.questions += batch.question_index.tolist()
        self.images += batch.image_index.tolist()

    def merge(self, ranks: int) -> None:
        """Bring together what `ranks` processes have collected."""
        names = ("written", "true", "answers", "questions", "images")
        whole = gather_lists(ranks, *(getattr(self, name) for name in names))
        for name, values in zip(names, whole, strict=True):
            setattr(self, name, values)

    def exact(self) -> list[bool | None]:
        """Whether each program is the true one; None where that is not told."""
        return [
            written == true if true else None for written, true in zip(self.written, self.true, strict=True)
        ]

    def valid(self) -> list[bool]:
        """Whether each program closes a tree and type-checks."""
        return [read_program(tokens).fault is None for tokens in self.written]

    def oracle_answers(self) -> list[str | None] | None:
        """What the oracle answers by each program, None where it can give no answer; None without scenes."""
        if self.scenes is None:
            return None
        scenes = self.scenes()
        masks: dict[int, SceneMasks] = {}
        found: list[str | None] = []
        for tokens, image in zip(self.written, self.images, strict=True):
            if image not in masks:
                if image not in scenes:
                    return None
                masks = {image: SceneMasks(scenes[image])}  # questions of an image follow one another
            found.append(read_program(tokens).answer(masks[image]))
        return found

    def scores(self) -> ProgramScores:
        """The figures with their intervals."""
        exact, answers = self.exact(), self.oracle_answers()
        told = [place for place, one in enumerate(exact) if one is not None]
        return ProgramScores(
            valid=clustered_fraction(self.valid(), self.images),
            exact=self._fraction([bool(exact[place]) for place in told], told),
            answers=None if answers is None else self._fraction(*self._right(answers)),
        )

    def metrics(self) -> dict[str, Any]:
        """The figures alone: `programs_valid`, `programs_exact` and `programs_answers`, as far as they are known."""
        return {f"programs_{name}": one["value"] for name, one in self.scores().to_dict().items()}

    def _right(self, answers: Sequence[str | None]) -> tuple[list[bool], list[int]]:
        """Whether the oracle's answers are true, and for which samples that is known."""
        known = [place for place, answer in enumerate(self.answers) if answer >= 0]
        words = self.vocabulary.answers
        return [answers[place] == words[self.answers[place]] for place in known], known

    def _fraction(self, hits: Sequence[bool], places: Sequence[int]) -> Interval | None:
        return clustered_fraction(hits, [self.images[place] for place in places]) if places else None

    def _words(self, programs_BP: Tensor) -> list[tuple[str, ...]]:
        return [self.vocabulary.decode_program(row) for row in programs_BP.tolist()]


def program_columns(tally: ProgramTally) -> list[dict[str, Any]]:
    """What a line of `predictions.jsonl` says of a question's program: `program` in prefix order, `program_valid`, and
    where it is known `program_exact`."""
    return [
        {"program": list(tokens), "program_valid": valid}
        | ({} if exact is None else {"program_exact": exact})
        for tokens, valid, exact in zip(tally.written, tally.valid(), tally.exact(), strict=True)
    ]


class GeneratorTally(ProgramTally):
    """Programs of a generator alone, with its loss and the symbols that it gets right given the true ones before."""

    def __init__(self, vocabulary: Vocabulary, scenes: Scenes | None = None) -> None:
        super().__init__(vocabulary, scenes)
        self.losses: list[float] = []
        self.symbols: list[int] = []
        self.right: list[int] = []

    def add(self, batch: Batch, output: Output) -> None:
        """Take a generator's scores of the true programs, and the programs that it wrote itself."""
        super().add(batch, output)
        if batch.programs is None:
            return
        targets_BL = program_targets(batch.programs)
        there_BL = targets_BL != NULL
        self.losses.append(float(program_loss(output.logits, batch.programs)) * int(there_BL.sum()))
        self.symbols.append(int(there_BL.sum()))
        self.right.append(int(((output.logits.argmax(dim=2) == targets_BL) & there_BL).sum()))

    def merge(self, ranks: int) -> None:
        """Bring together what `ranks` processes have collected."""
        super().merge(ranks)
        self.losses, self.symbols, self.right = gather_lists(ranks, self.losses, self.symbols, self.right)

    @property
    def loss(self) -> float | None:
        """Mean cross entropy of a symbol; None where no true programs are told."""
        return sum(self.losses) / sum(self.symbols) if sum(self.symbols) else None

    @property
    def symbol_accuracy(self) -> float | None:
        """The fraction of symbols that are right given the true ones before; None where none are told."""
        return sum(self.right) / sum(self.symbols) if sum(self.symbols) else None

    def metrics(self) -> dict[str, Any]:
        """Loss, accuracy of symbols, and the figures of the programs."""
        return {"loss": self.loss, "symbol_accuracy": self.symbol_accuracy} | super().metrics()
