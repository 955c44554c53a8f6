"""Every question of a file answered by its program, beside the answer the file gives.

On the real CLEVR questions both are the same without exception; a difference in a generated or edited file is
a fault of the file. Referring expressions have an oracle of their own: `visreason.clevr.referring_oracle`.
"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from visreason.clevr.executor import execute
from visreason.clevr.masks import SceneMasks
from visreason.clevr.programs import Program
from visreason.clevr.question import Question
from visreason.clevr.scene import Scene
from visreason.errors import DataError, ProgramError


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the oracle says of one question.

    Attributes:
        question: the question.
        answer: the true answer; None where the question is ill-posed on its scene.
        error: why it is ill-posed, or None.
    """

    question: Question
    answer: str | None
    error: str | None = None

    @property
    def agrees(self) -> bool | None:
        """Whether the stored answer is the true one; None where none is stored."""
        return None if self.question.answer is None else self.answer == self.question.answer

    def to_dict(self) -> dict[str, Any]:
        """One line of `answer --output`, and one of the disagreements of `answer --json`."""
        question = self.question
        record = {
            "question_index": question.index,
            "image_filename": question.image_filename,
            "question": question.text,
            "type": question.type,
            "answer": self.answer,
            "stored": question.answer,
            "agrees": self.agrees,
        }
        return record if self.error is None else record | {"error": self.error}


class AnyVerdict(Protocol):
    """What the oracle says of a question or an expression."""

    @property
    def error(self) -> str | None:
        """Why it is ill-posed, or None."""

    @property
    def agrees(self) -> bool | None:
        """Whether what is stored is true; None where nothing is."""

    def to_dict(self) -> dict[str, Any]:
        """Its record."""


class Tally:
    """The count of many verdicts.

    Args:
        kind: what they are about, in the plural.
        truths: what is stored with each, in the plural.

    Attributes:
        questions: how many there were.
        stored: how many of them have a stored answer.
        agreeing: how many stored answers are true.
        disagreements: those that are not, and questions that are ill-posed.
    """

    def __init__(self, kind: str = "questions", truths: str = "answers") -> None:
        self.kind, self.truths = kind, truths
        self.questions = 0
        self.stored = 0
        self.agreeing = 0
        self.disagreements: list[AnyVerdict] = []

    def add(self, verdict: AnyVerdict) -> None:
        """Count one more."""
        self.questions += 1
        self.stored += verdict.agrees is not None
        self.agreeing += verdict.agrees is True
        if verdict.agrees is False or verdict.error is not None:
            self.disagreements.append(verdict)

    @property
    def agreement(self) -> float | None:
        """The fraction of the stored answers that is true; None where none is stored."""
        return self.agreeing / self.stored if self.stored else None

    def to_dict(self) -> dict[str, Any]:
        """The form of `answer --json`."""
        return {
            self.kind: self.questions,
            "agreement": self.agreement,
            "disagreements": [verdict.to_dict() for verdict in self.disagreements],
        }

    def __str__(self) -> str:
        if self.agreement is None:
            return f"{self.questions:,} {self.kind} worked out; no {self.truths} are stored with them."
        return (
            f"{self.questions:,} {self.kind}; {self.agreeing:,} of {self.stored:,} stored {self.truths} agree "
            f"with the oracle ({100 * self.agreement:.2f} %)."
        )


def judge(
    questions: Iterable[Question],
    scenes: Iterable[Scene],
    *,
    questions_from: str | os.PathLike[str] = "the questions",
    scenes_from: str | os.PathLike[str] = "the scenes",
) -> Iterator[Verdict]:
    """Answer questions by their programs.

    Args:
        questions: in any order; quickest where those of one image follow each other.
        scenes: those of all the images that are asked about.
        questions_from, scenes_from: what to call the two in an error, as a rule their files.

    Raises:
        DataError: a question has no program, or is about an image that has no scene; names both.

    Example:
        >>> from visreason.clevr.questions import QuestionEngine
        >>> from visreason.clevr.sampling import sample_scene, scene_rng
        >>> scene = sample_scene(scene_rng(0, "val", 0), 0, "val")
        >>> all(verdict.agrees for verdict in judge(QuestionEngine().generate([scene]), [scene]))
        True
    """
    for question, masks in with_scenes(questions, scenes, "question", questions_from, scenes_from):
        assert question.program is not None
        try:
            yield Verdict(question, execute(question.program, masks))
        except ProgramError as error:
            yield Verdict(question, None, str(error))


class Asked(Protocol):
    """What a program goes with: a question, or an expression that refers to an object."""

    @property
    def text(self) -> str:
        """What is said."""

    @property
    def program(self) -> Program | None:
        """What it stands for."""

    @property
    def index(self) -> int:
        """Its number in its file."""

    @property
    def image_filename(self) -> str:
        """The image it is about."""


A = TypeVar("A", bound=Asked)


def with_scenes(
    asked: Iterable[A],
    scenes: Iterable[Scene],
    kind: str,
    asked_from: str | os.PathLike[str],
    scenes_from: str | os.PathLike[str],
) -> Iterator[tuple[A, SceneMasks]]:
    """Questions or expressions, each with its scene.

    Args:
        asked: in any order; quickest where those of one image follow each other.
        scenes: those of all the images that are asked about.
        kind: what one of `asked` is called.
        asked_from, scenes_from: what to call the two in an error, as a rule their files.

    Raises:
        DataError: one has no program, or is about an image that has no scene; names both.
    """
    known = {scene.image_filename: scene for scene in scenes}
    masks: SceneMasks | None = None
    for one in asked:
        if one.program is None:
            raise DataError(
                f"{asked_from}: {kind} {one.index} ({one.text!r}) has no program, so the truth of it cannot be "
                "found. The released test split and questions that people wrote (CLEVR-Humans) have none; all "
                "other CLEVR files do."
            )
        if masks is None or masks.scene.image_filename != one.image_filename:
            scene = known.get(one.image_filename)
            if scene is None:
                raise DataError(
                    f"{asked_from}: {kind} {one.index} is about {one.image_filename}, of which {scenes_from} "
                    "has no scene. Check that both are of the same split."
                )
            masks = SceneMasks(scene)
        yield one, masks
