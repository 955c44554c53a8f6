"""The questions of Sort-of-CLEVR, their answers, and the 11 bits that stand for each in the public form.

Every question is about the thing of one colour. Three kinds need that thing alone, three its relations to the
others. In the public form a question is 11 bits: six say which colour (in the order of `COLORS`), one that it
is non-relational, one that it is relational, and three which of the three kinds; an answer is a class from 0
in the order of `ANSWERS`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from visreason.errors import DataError
from visreason.sort_of_clevr.scene import COLORS, SIDE, FlatScene, Thing

QUESTION_GROUPS: dict[str, tuple[str, ...]] = {
    "non_relational": ("own_shape", "is_left", "is_above"),
    "relational": ("closest_shape", "furthest_shape", "same_shape_count"),
}
"""The two groups that the literature reports, each with its three question types."""

ANSWER_CLASSES: dict[str, tuple[str, ...]] = {
    "exist": ("yes", "no"),
    "shape": ("square", "circle"),
    "number": ("1", "2", "3", "4", "5", "6"),
}
"""Kind of answer to the answers of that kind."""

ANSWERS: tuple[str, ...] = tuple(answer for answers in ANSWER_CLASSES.values() for answer in answers)
"""All ten answers in the order in which the public form numbers them."""

BITS = len(COLORS) + 5
"""Bits of a question in the public form."""

_TEXTS = {
    "own_shape": "What is the shape of the {} object?",
    "is_left": "Does the left half hold the {} object?",
    "is_above": "Does the upper half hold the {} object?",
    "closest_shape": "What shape is closest to the {} object?",
    "furthest_shape": "What shape is furthest from the {} object?",
    "same_shape_count": "How many objects have the shape of the {} object?",
}
"""One wording a question type. All end alike, so that networks that read forwards need not keep a colour for long."""


@dataclass(frozen=True, slots=True)
class FlatQuestion:
    """One question.

    Attributes:
        type: one of the types of `QUESTION_GROUPS`.
        color: of the thing that it is about.
    """

    type: str
    color: str

    @property
    def text(self) -> str:
        """The question in English.

        Example:
            >>> FlatQuestion("closest_shape", "red").text
            'What shape is closest to the red object?'
        """
        return _TEXTS[self.type].format(self.color)

    @property
    def relational(self) -> bool:
        """Whether the answer depends on other things than the one that is asked about."""
        return self.type in QUESTION_GROUPS["relational"]

    def answer(self, scene: FlatScene) -> str | None:
        """The true answer; None where things of both shapes are equally close (or far), so that there is none.

        Left is x < 37.5 and above is y < 37.5 (y grows downwards). A count includes the thing itself.
        """
        return _ANSWER[self.type](scene.of(self.color), scene)

    def bits(self) -> NDArray[np.int64]:
        """The question in the public form, [11].

        Example:
            >>> FlatQuestion("closest_shape", "green").bits().tolist()
            [0, 1, 0, 0, 0, 0, 0, 1, 1, 0, 0]
        """
        group = int(self.relational)
        kind = list(QUESTION_GROUPS.values())[group].index(self.type)
        bits = np.zeros(BITS, np.int64)
        bits[[list(COLORS).index(self.color), len(COLORS) + group, len(COLORS) + 2 + kind]] = 1
        return bits

    @classmethod
    def from_bits(cls, bits: NDArray[np.generic], where: str = "the question") -> "FlatQuestion":
        """The question that 11 bits stand for.

        Args:
            bits: [11], of any number type.
            where: what to call the question in an error.

        Raises:
            DataError: they stand for none.

        Example:
            >>> FlatQuestion.from_bits(np.array([0, 1, 0, 0, 0, 0, 0, 1, 1, 0, 0]))
            FlatQuestion(type='closest_shape', color='green')
        """
        parts = (
            np.split(np.asarray(bits), [len(COLORS), len(COLORS) + 2]) if np.shape(bits) == (BITS,) else []
        )
        if not parts or not all(sorted(part.tolist()) == [0] * (len(part) - 1) + [1] for part in parts):
            raise DataError(
                f"{where} should be {BITS} bits with one of the first {len(COLORS)} (the colour), one of the next 2 "
                f"(non-relational, relational) and one of the last 3 (the kind) set; got {np.asarray(bits).tolist()}."
            )
        color, group, kind = (int(part.argmax()) for part in parts)
        return cls(list(QUESTION_GROUPS.values())[group][kind], list(COLORS)[color])


FLAT_QUESTIONS = tuple(
    FlatQuestion(kind, color) for kinds in QUESTION_GROUPS.values() for kind, color in product(kinds, COLORS)
)
"""All 36 questions, the non-relational ones first."""


def choose_questions(scene: FlatScene, rng: np.random.Generator, each: int) -> list[tuple[FlatQuestion, str]]:
    """So many different questions of each group about a scene, with their answers; the relational ones first.

    Args:
        scene: what is asked about.
        rng: chooses among the 18 questions of a group that have an answer.
        each: how many of each group; fewer where there are not so many.

    Example:
        >>> from visreason.sort_of_clevr.scene import sample_flat_scene
        >>> rng = np.random.default_rng(0)
        >>> len(choose_questions(sample_flat_scene(rng, 0, "val"), rng, 10))
        20
    """
    chosen = []
    for relational in (True, False):
        questions = [one for one in FLAT_QUESTIONS if one.relational is relational]
        answered = [(one, answer) for one in questions if (answer := one.answer(scene)) is not None]
        chosen += [answered[place] for place in rng.permutation(len(answered))[:each].tolist()]
    return chosen


def _nearest(thing: Thing, scene: FlatScene, choose: Callable[[Sequence[int]], int]) -> str | None:
    """The shape of the thing whose squared distance `choose` picks (min or max), if it is only one shape."""
    distance = {
        other: (other.x - thing.x) ** 2 + (other.y - thing.y) ** 2 for other in scene.things if other != thing
    }
    wanted = choose(list(distance.values()))
    shapes = {other.shape for other, far in distance.items() if far == wanted}
    return shapes.pop() if len(shapes) == 1 else None


def _yes(value: bool) -> str:
    return "yes" if value else "no"


_ANSWER: dict[str, Callable[[Thing, FlatScene], str | None]] = {
    "own_shape": lambda thing, scene: thing.shape,
    "is_left": lambda thing, scene: _yes(2 * thing.x < SIDE),
    "is_above": lambda thing, scene: _yes(2 * thing.y < SIDE),
    "closest_shape": lambda thing, scene: _nearest(thing, scene, min),
    "furthest_shape": lambda thing, scene: _nearest(thing, scene, max),
    "same_shape_count": lambda thing, scene: str(sum(thing.shape == other.shape for other in scene.things)),
}
