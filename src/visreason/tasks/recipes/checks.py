"""One way to refuse a setting: by its name, with what was given and what was expected."""

from typing import Any

from visreason.errors import UsageError


def require(condition: bool, setting: str, given: Any, expected: str) -> None:
    """Raise a `UsageError` that names a setting, what was given and what was expected, unless `condition`
    holds.

    Example:
        >>> require(1e-3 > 0, "optimiser.lr", 1e-3, "a number above 0")
    """
    if not condition:
        raise UsageError(f"{setting} must be {expected}; got {given!r}. Change it with --{setting} VALUE.")
