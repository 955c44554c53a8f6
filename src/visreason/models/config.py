"""Model configurations as plain data: checked when read, complete when written.

A configuration is a frozen dataclass of numbers, words, tuples and further configurations. It travels inside recipes
and model files as JSON or YAML, where tuples are lists and configurations mappings.
"""

import dataclasses
import difflib
import types
import typing
from collections.abc import Mapping
from typing import Any, TypeVar

from visreason.errors import ModelError

Config = TypeVar("Config")


def config_to_dict(config: Any) -> dict[str, Any]:
    """A configuration as JSON values: every field, tuples as lists, inner configurations as mappings."""
    values = {field.name: getattr(config, field.name) for field in dataclasses.fields(config)}
    return {name: _plain(value) for name, value in values.items()}


def config_from_dict(kind: type[Config], values: Mapping[str, Any], where: str) -> Config:
    """The configuration `kind` with these values; fields that are not given keep their defaults.

    Args:
        kind: a configuration dataclass.
        values: field name to value.
        where: what is being read, for messages, such as a file's name.

    Raises:
        ModelError: an unknown or missing field, or a value of the wrong type; the message names it.

    Example:
        >>> from visreason.models import AttributeCnnConfig
        >>> config_from_dict(AttributeCnnConfig, {"conv_channels": [8, 8]}, "recipe").conv_channels
        (8, 8)
    """
    declared = {field.name: field for field in dataclasses.fields(kind)}  # type: ignore[arg-type]
    for name in values:
        if name not in declared:
            near = difflib.get_close_matches(name, declared, n=1)
            hint = f"did you mean '{near[0]}'?" if near else f"known: {', '.join(declared)}."
            raise ModelError(f"{where}: {kind.__name__} has no setting '{name}'; {hint}")
    for name, field in declared.items():
        if name not in values and field.default is dataclasses.MISSING:
            raise ModelError(f"{where}: {kind.__name__} needs the setting '{name}'. Add it.")
    hints = typing.get_type_hints(kind)
    return kind(**{name: _fit(value, hints[name], f"{where}: {name}") for name, value in values.items()})


def require(holds: bool, message: str) -> None:
    """Raise a `ModelError` with this message unless the condition holds."""
    if not holds:
        raise ModelError(message)


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        return config_to_dict(value)
    return list(value) if isinstance(value, tuple) else value


def _fit(value: Any, hint: Any, where: str) -> Any:
    """The value as the type that the field declares, or a `ModelError`."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        if value is None and type(None) in arguments:
            return None
        return _fit(value, next(one for one in arguments if one is not type(None)), where)
    if origin is typing.Literal:
        if value in arguments:
            return value
        raise ModelError(f"{where} is {value!r}; choose one of {', '.join(map(repr, arguments))}.")
    if origin is tuple and isinstance(value, (list, tuple)):
        return tuple(_fit(one, arguments[0], where) for one in value)
    if dataclasses.is_dataclass(hint) and isinstance(hint, type) and isinstance(value, Mapping):
        return config_from_dict(hint, value, where)
    if hint is float and type(value) is int:
        return float(value)
    if isinstance(hint, type) and type(value) is hint:
        return value
    wanted = (
        getattr(hint, "__name__", str(hint)) if origin is not tuple else f"a list of {arguments[0].__name__}"
    )
    raise ModelError(f"{where} is {value!r}; give {wanted}.")
