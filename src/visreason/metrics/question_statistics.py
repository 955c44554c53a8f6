"""What a file of questions is made of: types, families, answers, and how long everything is."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any, Protocol, Self

from visreason.clevr.answers import ANSWERS, QUESTION_TYPES
from visreason.clevr.families import FAMILY_TOTAL
from visreason.clevr.programs import Program
from visreason.clevr.question import Question
from visreason.metrics.accuracy import QUESTION_GROUPS
from visreason.metrics.shares import Shares

FAMILIES = tuple(map(str, range(FAMILY_TOTAL)))
"""CLEVR's question families by number, as text."""

_GROUP_OF = {kind: group for group, kinds in QUESTION_GROUPS.items() for kind in kinds}


class Sentence(Protocol):
    """A question, or another sentence with a program, such as a referring expression."""

    @property
    def text(self) -> str:
        """The English words."""

    @property
    def program(self) -> Program | None:
        """Its meaning, where it is known."""

    @property
    def family(self) -> int | None:
        """The number of its family, where it is known."""

    @property
    def image_filename(self) -> str:
        """The image it is about."""


class SentenceStatistics:
    """Lengths and families of sentences about images; those of one image follow each other.

    Attributes:
        count: how many sentences.
        families: family number, as text, to its share.
        words: words of a sentence (between blanks) to how many sentences have so many.
        nodes: functions of a program to how many programs have so many.
        depths: functions on a program's longest way from a scene to the end, both counted, likewise.
    """

    def __init__(self) -> None:
        self.count = 0
        self.families = Shares()
        self.words: Counter[int] = Counter()
        self.nodes: Counter[int] = Counter()
        self.depths: Counter[int] = Counter()

    @classmethod
    def of(cls, sentences: Iterable[Any]) -> Self:
        """Count sentences, one image in memory at a time."""
        found = cls()
        for _, about in groupby(sentences, key=lambda one: one.image_filename):
            found.add_image(list(about))
        return found

    def add_image(self, sentences: Sequence[Any]) -> None:
        """Count the sentences about one image."""
        self.count += len(sentences)
        self.families.add(str(one.family) for one in sentences if one.family is not None)
        for one in sentences:
            self.words[len(one.text.split())] += 1
            if one.program is not None:
                self.nodes[len(one.program)] += 1
                self.depths[program_depth(one.program)] += 1

    def to_dict(self) -> dict[str, Any]:
        """All figures, as `statistics --json` prints them."""
        return {
            "count": self.count,
            "families": self.families.to_dict(FAMILIES if self.families.total else ()),
            "words": _by_number(self.words),
            "nodes": _by_number(self.nodes),
            "depths": _by_number(self.depths),
        }


class QuestionStatistics(SentenceStatistics):
    """Statistics of questions.

    Attributes:
        types: question type to its share; `groups` likewise, for the literature's groups of types.
        answers: question type ("" where it is unknown) to how often each answer occurs.

    Example:
        >>> from visreason.clevr.questions import QuestionEngine
        >>> from visreason.clevr.sampling import sample_scene, scene_rng
        >>> scenes = [sample_scene(scene_rng(0, "val", i), i, "val") for i in range(3)]
        >>> found = QuestionStatistics.of(QuestionEngine().generate(scenes))
        >>> found.count, found.types.total, sum(found.words.values())
        (30, 30, 30)
    """

    def __init__(self) -> None:
        super().__init__()
        self.types = Shares()
        self.groups = Shares()
        self.answers: dict[str, Counter[str]] = {}

    def add_image(self, sentences: Sequence[Question]) -> None:
        """Count the questions about one image."""
        super().add_image(sentences)
        kinds = [question.type for question in sentences]
        self.types.add(kind for kind in kinds if kind is not None)
        self.groups.add(_GROUP_OF[kind] for kind in kinds if kind in _GROUP_OF)
        for question, kind in zip(sentences, kinds, strict=True):
            if question.answer is not None:
                self.answers.setdefault(kind or "", Counter())[question.answer] += 1

    def answer_counts(self) -> Counter[str]:
        """How often each answer occurs, whatever the question's type."""
        return sum(self.answers.values(), Counter())

    def commonest(self) -> dict[str, tuple[int, int]]:
        """For each group of types, and "all": how many answers are the commonest of their type, and of how many.

        It is how right one is who knows the type of a question and no more.
        """
        hits: Counter[str] = Counter()
        totals: Counter[str] = Counter()
        for kind, answers in self.answers.items():
            for group in ("all", _GROUP_OF[kind]) if kind in _GROUP_OF else ():
                hits[group] += max(answers.values())
                totals[group] += answers.total()
        return {group: (hits[group], totals[group]) for group in (*QUESTION_GROUPS, "all") if totals[group]}

    def to_dict(self) -> dict[str, Any]:
        """All figures, as `statistics --json` prints them."""
        answers = self.answer_counts()
        known = [answer for answer in ANSWERS if answers[answer]]
        return super().to_dict() | {
            "types": self.types.to_dict(QUESTION_TYPES if self.types.total else ()),
            "groups": self.groups.to_dict(QUESTION_GROUPS if self.groups.total else ()),
            "answers": {answer: answers[answer] for answer in (*known, *sorted(set(answers) - set(known)))},
            "answers_by_type": {kind: dict(counts.most_common()) for kind, counts in self.answers.items()},
        }


def program_depth(program: Program) -> int:
    """The number of functions on a program's longest way from a scene to its end, both counted.

    Example:
        >>> from visreason.clevr.programs import Node
        >>> program_depth((Node("scene"), Node("filter_color", (0,), ("red",)), Node("count", (1,))))
        3
    """
    depths: list[int] = []
    for node in program:
        depths.append(1 + max((depths[source] for source in node.inputs), default=0))
    return depths[-1]


def mean_of(counts: Counter[int]) -> float:
    """The mean of numbers that were counted.

    Example:
        >>> mean_of(Counter({3: 1, 5: 3}))
        4.5
    """
    return sum(number * count for number, count in counts.items()) / counts.total()


def _by_number(counts: Counter[int]) -> dict[str, int]:
    """Counts by ascending number, with keys that JSON can have."""
    return {str(number): counts[number] for number in sorted(counts)}
