"""Every question of a file answered by its program, beside the answer the file gives.

On the real CLEVR questions both are the same without exception; a difference in a generated or edited file is
a fault of the file.
"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from visreason.clevr.executor import execute
from visreason.clevr.masks import SceneMasks
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


class Tally:
    """The count of many verdicts.

    Attributes:
        questions: how many there were.
        stored: how many of them have a stored answer.
        agreeing: how many stored answers are true.
        disagreements: those that are not, and questions that are ill-posed.
    """

    def __init__(self) -> None:
        self.questions = 0
        self.stored = 0
        self.agreeing = 0
        self.disagreements: list[Verdict] = []

    def add(self, verdict: Verdict) -> None:
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
            "questions": self.questions,
            "agreement": self.agreement,
            "disagreements": [verdict.to_dict() for verdict in self.disagreements],
        }

    def __str__(self) -> str:
        if self.agreement is None:
            return f"{self.questions:,} questions answered; no answers are stored with them."
        return (
            f"{self.questions:,} questions; {self.agreeing:,} of {self.stored:,} stored answers agree with "
            f"the oracle ({100 * self.agreement:.2f} %)."
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
    known = {scene.image_filename: scene for scene in scenes}
    masks: SceneMasks | None = None
    for question in questions:
        if question.program is None:
            raise DataError(
                f"{questions_from}: question {question.index} ({question.text!r}) has no program, so its "
                "true answer cannot be found. The released test split has none; all other CLEVR files do."
            )
        if masks is None or masks.scene.image_filename != question.image_filename:
            scene = known.get(question.image_filename)
            if scene is None:
                raise DataError(
                    f"{questions_from}: question {question.index} is about {question.image_filename}, of "
                    f"which {scenes_from} has no scene. Check that both are of the same split."
                )
            masks = SceneMasks(scene)
        try:
            yield Verdict(question, execute(question.program, masks))
        except ProgramError as error:
            yield Verdict(question, None, str(error))
