"""What is known of a trained network and its tests: one record of the ledger, `results/NAME.json`.

A record holds one run, or several of one recipe that differ in their seed alone; every figure has one value a run, with
its 95 % interval. Paths of a machine never stand in it: data folders are known by their names and by what made them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import fmean, stdev
from typing import Any, Literal, Self

from visreason.errors import DataError
from visreason.files import read_json, write_json
from visreason.metrics.intervals import Interval

KIND = "model"
"""The kind of these records; the ledger has other ones."""

Role = Literal["generated", "real", "rules"]
"""What a test is for: unseen generated scenes, real images, or a world that split rules restrict."""

PAIRS = "counterfactual.both_right"
"""The figure of minimal pairs."""

HEADLINES: dict[str, tuple[str, ...]] = {
    "answering": ("accuracy.overall",),
    "locating": ("iou50.overall",),
    "joint": ("accuracy.overall", "iou50.overall"),
    "regions": ("per_class_ap.overall", "per_instance_ac.overall"),
    "programs": ("programs.exact",),
    "objects": ("objects_right",),
    "attributes": ("average_precision.mean",),
    "relations": ("explained_variance",),
}
"""The figures that stand for a model, by its task; names as in `results.csv`."""

WORDS = {
    "accuracy.overall": "answers right",
    "iou50.overall": "boxes right (IoU 0.5)",
    "per_class_ap.overall": "class AP",
    "per_instance_ac.overall": "regions right",
    "programs.exact": "programs exact",
    "objects_right": "objects found and right in all",
    "average_precision.mean": "mean average precision of values",
    "explained_variance": "explained variance of relations",
    PAIRS: "minimal pairs, both right",
}
"""Figures in words."""


@dataclass(frozen=True, slots=True)
class TrainedRun:
    """How one run was trained.

    Attributes:
        seed: of the run.
        steps: optimiser steps.
        epochs: that were trained.
        hours: of training, over all its stretches.
        devices: names of GPUs, or "cpu".
        threads: of the processor.
        commits: of visreason's source; None where that is not known.
        version: of visreason.
        began: the day.
        curve: some epochs with the score of their validation, for the eye.
    """

    seed: int
    steps: int
    epochs: int
    hours: float
    devices: Sequence[str]
    threads: int
    commits: Sequence[str | None]
    version: str
    began: str
    curve: Sequence[tuple[int, float]]


@dataclass(frozen=True, slots=True)
class Measured:
    """A test of all of a record's runs.

    Attributes:
        role: what the test is for.
        data: the folder's name.
        split: of the data.
        made: the arguments of the generator; None for data that visreason did not make.
        chose: whether the best epoch was chosen by this split, so that it is not quite unseen.
        figures: by name, one a run.
    """

    role: Role
    data: str
    split: str
    made: Mapping[str, Any] | None
    chose: bool
    figures: Mapping[str, Sequence[Interval]]

    @property
    def pairs(self) -> bool:
        """Whether minimal pairs were asked too."""
        return PAIRS in self.figures

    def count(self, figure: str) -> int:
        """On how many samples a figure rests."""
        return self.figures[figure][0].count

    def spread(self, figure: str) -> "Spread":
        """A figure over the runs."""
        return Spread(self.figures[figure])


@dataclass(frozen=True, slots=True)
class Spread:
    """A figure over several seeds.

    Attributes:
        each: one a run, with its interval.
    """

    each: Sequence[Interval]

    @property
    def mean(self) -> float:
        """Over the runs."""
        return fmean(one.value for one in self.each)

    @property
    def deviation(self) -> float | None:
        """Standard deviation over the runs (n - 1); None of a single one."""
        return stdev(one.value for one in self.each) if len(self.each) > 1 else None

    def __str__(self) -> str:
        """Mean and standard deviation in %, from the lowest to the highest end of the runs' intervals.

        Example:
            >>> print(Spread([Interval(0.9, 0.85, 0.94, 120)]))
            90.0 % (85.0–94.0)
            >>> print(Spread([Interval(0.9, 0.85, 0.94, 120), Interval(0.88, 0.83, 0.92, 120)]))
            89.0 ± 1.4 % (83.0–94.0)
        """
        low, high = min(one.low for one in self.each), max(one.high for one in self.each)
        spread = "" if self.deviation is None else f" ± {100 * self.deviation:.1f}"
        return f"{100 * self.mean:.1f}{spread} % ({100 * low:.1f}–{100 * high:.1f})"


@dataclass(frozen=True, slots=True)
class Record:
    """A trained network and its tests.

    Attributes:
        name: of the record, and of the shipped model if it ships.
        family: of networks.
        task: what it learnt.
        reads: "pixels", "state", "question", "regions" or "features".
        parameters: trainable numbers.
        recipe: its name.
        recipe_hash: of all settings that decide what is learnt, but the seed.
        planned_epochs: how many the recipe wants.
        changes: settings in which it differs from the shipped recipe of that name.
        published: the figure in the literature, in words; None where there is none.
        goal: what was to be reached, of the first headline; None where nothing was set.
        command: that trains it.
        training: the folder's name (`data`), its `split` and what made it (`made`), as in `Measured`; and where
            nothing tells what made it, the `counts` of its scenes and questions.
        runs: one a seed.
        tests: what was measured.
        note: what else is to be said.
    """

    name: str
    family: str
    task: str
    reads: str
    parameters: int
    recipe: str
    recipe_hash: str
    planned_epochs: int
    changes: Mapping[str, Any]
    published: str | None
    goal: float | None
    command: str
    training: Mapping[str, Any]
    runs: Sequence[TrainedRun]
    tests: Sequence[Measured]
    note: str | None = None

    @property
    def headlines(self) -> tuple[str, ...]:
        """The names of the figures that stand for it."""
        return HEADLINES[self.task]

    def of_role(self, role: Role) -> list[Measured]:
        """The tests of a role."""
        return [one for one in self.tests if one.role == role]

    def headline(self, role: Role = "generated") -> str | None:
        """Its figures in words, or None where no such test was made."""
        tests = self.of_role(role)
        if not tests:
            return None
        return ", ".join(f"{WORDS[name]} {tests[0].spread(name)}" for name in self.headlines)

    def to_dict(self) -> dict[str, Any]:
        """The form of the file."""
        return {"kind": KIND} | asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any], where: str) -> Self:
        """A record from what `to_dict` gave.

        Raises:
            DataError: something is missing, or is there too much.
        """
        try:
            own = {key: value for key, value in values.items() if key != "kind"}
            own["runs"] = [
                TrainedRun(**{**one, "curve": [tuple(point) for point in one["curve"]]})
                for one in own["runs"]
            ]
            own["tests"] = [
                Measured(**{**one, "figures": _intervals(one["figures"])}) for one in own["tests"]
            ]
            return cls(**own)
        except (TypeError, KeyError, AttributeError) as error:
            raise DataError(f"{where} is no record of a model: {error}. Publish the model again.") from error

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a record.

        Raises:
            DataError: the file is missing or broken.
        """
        return cls.from_dict(read_json(path), str(path))

    def write(self, path: Path) -> None:
        """Write a record, whole or not at all."""
        write_json(path, self.to_dict(), indent=True)


def _intervals(figures: Mapping[str, Any]) -> dict[str, list[Interval]]:
    return {name: [Interval(**one) for one in each] for name, each in figures.items()}
