"""The trained models that come with visreason: `zoo/shipped/NAME.safetensors`, and beside it the card `NAME.json`."""

from pathlib import Path

from visreason.shipped import SHIPPED

MOST_BYTES = 14_000_000
"""The largest file that ships."""

MOST_BYTES_TOGETHER = 60_000_000
"""What all of them may weigh."""


def shipped_names() -> list[str]:
    """The names of all shipped models.

    Example:
        >>> all(shipped_file(name) for name in shipped_names())
        True
    """
    return sorted(path.stem for path in SHIPPED.glob("*.safetensors"))


def shipped_file(name: str) -> Path | None:
    """The model file of a shipped name, or None where no such model ships."""
    file = SHIPPED / f"{name}.safetensors"
    return file if file.is_file() else None


def card_file(name: str) -> Path:
    """Where the card of a shipped model lies."""
    return SHIPPED / f"{name}.json"
