"""The card of a shipped model, `zoo/shipped/NAME.json`: its record, its file's checksum, its use and its limits."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from visreason.errors import DataError, ModelError
from visreason.files import read_json, write_json
from visreason.zoo.drift import Drift
from visreason.zoo.record import Record
from visreason.zoo.shipped_models import card_file, shipped_file, shipped_names

LICENCE = "Apache-2.0"
"""Of all weights that ship: they were trained on generated worlds alone."""


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
