"""The card of a shipped model, `zoo/shipped/NAME.json`: its record, its file's checksum, its use and its limits."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from visreason.errors import DataError, ModelError
from visreason.files import read_json, write_json
from visreason.tasks.recipes.task_kinds import ENGINES
from visreason.zoo.drift import Drift
from visreason.zoo.record import WORDS, Record
from visreason.zoo.shipped_models import card_file, shipped_file, shipped_names

LICENCE = "Apache-2.0"
"""Of all weights that ship: they were trained on generated worlds alone."""

_SIGHT = {
    "pixels": "from an image",
    "state": "from a description of the scene (objects with their attributes and places), not from an image",
    "question": "from the question alone: a baseline that does not look",
    "regions": "from an image and the boxes in it",
}


@dataclass(frozen=True, slots=True)
class Card:
    """What a shipped model is.

    Attributes:
        record: how it was trained and tested.
        run: which of the record's runs the weights are of, counted from 0.
        sha256: of the model file.
        size: of the model file, in bytes.
        dtype: what its matrices are stored in, such as "bfloat16".
        drift: what it says to a few fixed questions.
        use: what it is for.
        limits: what it cannot do, one sentence each.
        licence: of the weights.
    """

    record: Record
    run: int
    sha256: str
    size: int
    dtype: str
    drift: Drift
    use: str
    limits: Sequence[str]
    licence: str = LICENCE

    def to_dict(self) -> dict[str, Any]:
        """The form of the file."""
        return asdict(self) | {"record": self.record.to_dict()}

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a card.

        Raises:
            DataError: the file is missing or broken.
        """
        values = read_json(path)
        try:
            record = Record.from_dict(values["record"], str(path))
            drift = Drift(values["drift"]["figures"], [tuple(one) for one in values["drift"]["said"]])
            return cls(**{**values, "record": record, "drift": drift})
        except (TypeError, KeyError) as error:
            raise DataError(f"{path} is no card of a model: {error}. Publish the model again.") from error

    def write(self, path: Path) -> None:
        """Write a card, whole or not at all."""
        write_json(path, self.to_dict(), indent=True)


def card_of(name: str) -> Card:
    """The card of a shipped model.

    Raises:
        ModelError: no such model ships.
        DataError: the card is missing or broken.
    """
    if shipped_file(name) is None:
        raise ModelError(f"no model called {name} ships. There are {', '.join(shipped_names()) or 'none'}.")
    return Card.read(card_file(name))


def use_of(record: Record) -> str:
    """What a model is for."""
    does = {
        "answering": "Answers questions in CLEVR's English",
        "locating": "Points at what a referring expression in CLEVR's English describes",
        "joint": "Answers questions and points at what expressions describe, in CLEVR's English",
        "regions": "Names the regions of an image of the region world, in context",
    }[record.task]
    sight = _SIGHT.get(record.reads, f"from {record.reads}")
    return f"{does}, {sight}. For teaching, as a baseline, and as a start of further training."


def limits_of(record: Record) -> list[str]:
    """What a model cannot do, as far as its record tells."""
    told = ["It was trained on generated worlds alone; what it says of anything else means nothing."]
    made = record.training.get("made") or {}
    if made.get("only"):
        told.append(f"It has only seen scenes and questions of {', '.join(made['only'])}.")
    if record.family in ENGINES:
        told.append("It executes programs and writes none: its figures are on the questions' true programs.")
    trained = max(run.epochs for run in record.runs)
    if trained < record.planned_epochs:
        told.append(f"It was trained for {trained} of {record.planned_epochs} planned epochs.")
    return [*told, *_missed(record), *_gap(record), *_weakest(record)]


def _missed(record: Record) -> list[str]:
    """That the goal was not reached."""
    tests, figure = record.of_role("generated"), record.headlines[0]
    if record.goal is None or not tests or tests[0].spread(figure).mean >= record.goal:
        return []
    return [
        f"{WORDS[figure].capitalize()} {tests[0].spread(figure)} stay below the goal of {_percent(record.goal)}."
    ]


def _gap(record: Record) -> list[str]:
    """How much worse it is on real images."""
    unseen, real, figure = record.of_role("generated"), record.of_role("real"), record.headlines[0]
    if not unseen or not real:
        return []
    fall = 100 * (unseen[0].spread(figure).mean - real[0].spread(figure).mean)
    return [
        f"On real images it is {abs(fall):.1f} points {'worse' if fall > 0 else 'better'} than on generated ones."
    ]


def _weakest(record: Record) -> list[str]:
    """The kinds of questions at which it is worst."""
    tests = record.of_role("generated")
    prefix = record.headlines[0].replace("overall", "by_type.")
    kinds: Mapping[str, float] = {
        name.removeprefix(prefix): tests[0].spread(name).mean
        for name in (tests[0].figures if tests else ())
        if name.startswith(prefix)
    }
    if len(kinds) < 2:
        return []
    worst = sorted(kinds, key=lambda name: kinds[name])[:2]
    return [
        "Weakest at "
        + " and ".join(f"{name.replace('_', ' ')} ({_percent(kinds[name])})" for name in worst)
        + "."
    ]


def _percent(value: float) -> str:
    return f"{100 * value:.1f} %"
