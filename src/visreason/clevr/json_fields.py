"""Taking keys of a decoded JSON record, with errors that name the record, the key and what it holds."""

from typing import Any

from visreason.errors import DataError


def typed(record: dict[str, Any], key: str, kind: type, where: str) -> Any:
    """The value of a key that has to be there.

    Args:
        record: the decoded record.
        key: the key.
        kind: the type of its value, exactly (true is no number).
        where: what to call the record in an error.

    Raises:
        DataError: the key is missing, or its value is of another type.

    Example:
        >>> typed({"split": "val"}, "split", str, "question 3")
        'val'
    """
    if key not in record:
        raise DataError(f"{where} has no key {key!r}; it has {', '.join(map(repr, record))}.")
    if type(record[key]) is not kind:
        raise DataError(f"{where}: {key!r} should be of type {kind.__name__}, not {record[key]!r:.60}.")
    return record[key]


def optional(record: dict[str, Any], key: str, kind: type, where: str) -> Any:
    """The value of a key, or None where it is missing or null.

    Raises:
        DataError: its value is of another type.
    """
    return None if record.get(key) is None else typed(record, key, kind, where)


def record_of(value: Any, where: str) -> dict[str, Any]:
    """A decoded JSON value that has to be an object.

    Raises:
        DataError: it is something else.

    Example:
        >>> record_of({"id": 1}, "images[0]")
        {'id': 1}
    """
    if not isinstance(value, dict):
        raise DataError(f"{where} should be a JSON object; it is {value!r:.60}.")
    return value
