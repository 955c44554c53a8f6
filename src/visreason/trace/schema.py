"""The reasoning trace: one plain, versioned record of how any model came to its answer.

A trace holds no tensor and no model, only numbers and words, so that one drawing routine, one page and one
JSON form serve every family. Positions are pixels `(x, y)` in an image of `Trace.size`, x to the right, y
down; whoever draws on an image of another size scales them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Self

from visreason.errors import DataError

VERSION = 1

Numbers = tuple[float, ...]
Table = tuple[Numbers, ...]
Places = tuple[tuple[float, float], ...]


def numbers(values: Iterable[float]) -> Numbers:
    """A row of numbers as plain floats of six significant digits.

    >>> numbers([0.12345678, 2])
    (0.123457, 2.0)
    """
    return tuple(float(f"{value:.6g}") for value in values)


def table(rows: Iterable[Iterable[float]]) -> Table:
    """Rows of numbers as plain floats of six significant digits.

    >>> table([[1, 2], [3, 4]])
    ((1.0, 2.0), (3.0, 4.0))
    """
    return tuple(numbers(row) for row in rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One possible answer.

    Attributes:
        index: the answer's class, from 0.
        probability: in [0, 1].
        answer: the word; a model does not know it, whoever holds the vocabulary fills it in
            (`Trace.describe`).
    """

    index: int
    probability: float
    answer: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of reasoning; a model fills the fields that it has.

    Attributes:
        name: what happened, such as `"relations"` or `"find"`.
        weight: how far the step was taken, in [0, 1], for models that blend modules.
        text_attention: one weight a word of the question; a negative one speaks against the answer.
        grid: `[rows][columns]`, a heat map that covers the image evenly.
        regions: `[N]`, one weight an object, region or cell, whose place is in `anchors`; negative: against.
        pairs: `[N][N]`; `pairs[i][j]` is the weight of the ordered pair (i, j); negative: against.
        cells: rows and columns, where the N are the cells of a grid in row order and not objects.
        anchors: `[N]` positions `(x, y)` of the objects, regions or cells, in pixels of `Trace.size`.
        value: what the step found, in words.
        reads: which earlier steps this one reads, for models that execute programs: the program's tree.
        addressing: for models that mix their modules, or read the modules' weights from a memory: the modules or rows
            that were mixed, by the names of their functions, each with its share, the most first.
        truth: what the oracle finds at this step, in words, where the scene is known.
    """

    name: str
    weight: float | None = None
    text_attention: Numbers | None = None
    grid: Table | None = None
    regions: Numbers | None = None
    pairs: Table | None = None
    cells: tuple[int, int] | None = None
    anchors: Places | None = None
    value: str | None = None
    reads: tuple[int, ...] | None = None
    addressing: tuple[tuple[str, float], ...] | None = None
    truth: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """The steps behind one answer.

    Attributes:
        family: the model family that reasoned.
        steps: in order.
        size: width and height, in pixels, of the image that anchors refer to; None where no step has any.
        words: the question's words.
        answers: the likeliest answers, best first.

    Example:
        >>> trace = Trace(family="relation-network", steps=(Step(name="relations", value="2"),))
        >>> Trace.from_json(trace.to_json()) == trace
        True
    """

    family: str
    steps: tuple[Step, ...]
    size: tuple[float, float] | None = None
    words: tuple[str, ...] = ()
    answers: tuple[Candidate, ...] = ()

    def describe(self, words: Sequence[str], answers: Sequence[str]) -> Self:
        """The trace with the question's words, and answer classes put into words.

        Args:
            words: the question's words in reading order.
            answers: every answer of the model's vocabulary, by class.
        """
        named = tuple(replace(one, answer=answers[one.index]) for one in self.answers)
        return replace(self, words=tuple(words), answers=named)

    def place(self, anchors: Iterable[Sequence[float]], size: tuple[float, float]) -> Self:
        """The trace with its objects put where they are on an image (a model of state descriptions cannot
        know).

        Args:
            anchors: `(x, y)` of each object in pixels, in the order the model read them; further numbers of
                each, such as CLEVR's depth, are left out.
            size: width and height of the image.

        Raises:
            DataError: fewer or more positions than the steps have objects.
        """
        spots = tuple((float(x), float(y)) for x, y, *_ in anchors)
        for step in self.steps:
            weights = step.pairs if step.pairs is not None else step.regions
            if weights is not None and len(weights) != len(spots):
                raise DataError(
                    f"the trace's step '{step.name}' has {len(weights)} objects but {len(spots)} positions "
                    "were given. Give one position for each object the model read."
                )
        steps = tuple(
            step if step.pairs is None and step.regions is None else replace(step, anchors=spots)
            for step in self.steps
        )
        return replace(self, steps=steps, size=size)

    def to_json(self) -> dict[str, Any]:
        """The trace as JSON values; fields that are not filled are left out."""
        record = asdict(self)
        record["steps"] = [{k: v for k, v in step.items() if v is not None} for step in record["steps"]]
        return {"version": VERSION, **{k: v for k, v in record.items() if v is not None}}

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Self:
        """The trace that `to_json` wrote.

        Raises:
            DataError: another version, or not a trace.
        """
        if record.get("version") != VERSION:
            raise DataError(
                f"a reasoning trace of version {record.get('version')!r} was given, this visreason reads "
                f"version {VERSION}. Ask the question again to make a new one."
            )
        try:
            return cls(
                family=record["family"],
                steps=tuple(_step(step) for step in record["steps"]),
                size=None if record.get("size") is None else (record["size"][0], record["size"][1]),
                words=tuple(record.get("words", ())),
                answers=tuple(Candidate(**one) for one in record.get("answers", ())),
            )
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise DataError(
                f"this is not a reasoning trace: {error!r}. Ask the question again to make one."
            ) from error


def _step(record: Mapping[str, Any]) -> Step:
    unknown = set(record) - {field.name for field in fields(Step)}
    if unknown:
        raise ValueError(f"unknown fields {sorted(unknown)} in a step")
    frozen: dict[str, Any] = {
        key: tuple(tuple(one) if isinstance(one, (list, tuple)) else one for one in value)
        if isinstance(value, (list, tuple))
        else value
        for key, value in record.items()
    }
    return Step(**frozen)
