"""Recipe files as dotted settings: read from YAML, and laid over the recipes that they extend.

Settings travel flat, as `{"optimiser.lr": 1e-4}`: so a recipe that extends another, and the command line,
simply override names. Nothing here knows types, so that recipes can be listed without torch.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml

from visreason.errors import UsageError

Settings = dict[str, Any]

KEYS = {"task": "name", "world": "kind", "inputs": "kind", "model": "family", "schedule": "name"}
"""Sections of several kinds, and the key that says which."""

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""Reads plain values alone, as `yaml.safe_load`; ten times as fast where PyYAML was built with libyaml."""


def read_settings(path: Path, locate: Callable[[str], Path]) -> Settings:
    """Read a recipe file, on top of the recipe that its `extends:` names.

    Args:
        path: a YAML file of one mapping a section.
        locate: finds the file of a recipe by name or path.

    Raises:
        UsageError: the file is missing, is not YAML, has another form, or extends itself.
    """
    layers: list[Settings] = []
    seen: list[Path] = []
    current: Path | None = path
    while current is not None:
        if current in seen:
            raise UsageError(f"recipe {path} extends itself through {current}. Remove one `extends:`.")
        seen.append(current)
        layer = from_nested(_load_yaml(current), f"the recipe {current}")
        base = layer.pop("extends", None)
        layers.append(layer)
        current = None if base is None else locate(str(base))
    settings: Settings = {}
    for layer in reversed(layers):
        settings = override(settings, layer)
    return settings


def from_nested(document: Any, where: str = "the recipe") -> Settings:
    """Settings as they stand in YAML, made flat.

    Args:
        document: what was read.
        where: from which file, for messages.

    Raises:
        UsageError: it is no mapping of sections.

    Example:
        >>> from_nested({"extends": "rn-quick", "optimiser": {"lr": 0.1}})
        {'extends': 'rn-quick', 'optimiser.lr': 0.1}
    """
    if not isinstance(document, dict):
        raise UsageError(f"{where} must be a mapping of sections (`optimiser:`, `model:` ...).")
    flat: Settings = {}
    for section, values in document.items():
        if section == "extends":
            flat["extends"] = values
        elif isinstance(values, dict):
            flat |= _flat(values, section)
        elif values is not None:
            raise UsageError(f"{where}: `{section}:` must hold settings of its own, got {values!r}.")
    return flat


def _flat(values: Mapping[str, Any], prefix: str) -> Settings:
    """Mappings in mappings as dotted names."""
    flat: Settings = {}
    for key, value in values.items():
        name = f"{prefix}.{key}"
        flat |= _flat(value, name) if isinstance(value, dict) else {name: value}
    return flat


def override(settings: Settings, changes: Mapping[str, Any]) -> Settings:
    """Lay `changes` over `settings`; choosing another kind of a section drops the old kind's settings.

    Example:
        >>> override({"schedule.name": "plateau", "schedule.patience": 3}, {"schedule.name": "constant"})
        {'schedule.name': 'constant'}
    """
    merged = dict(settings)
    for name, value in changes.items():
        # A part of the model that is left out (null) has no settings, and one that has settings is not left out.
        gone = [old for old in merged if value in (None, "null") and old.startswith(f"{name}.")]
        gone += [old for old in merged if name.startswith(f"{old}.")]
        merged = {old: kept for old, kept in merged.items() if old not in gone}
    for section, key in KEYS.items():
        chosen = f"{section}.{key}"
        if chosen in changes and changes[chosen] != merged.get(chosen):
            merged = {name: value for name, value in merged.items() if not name.startswith(f"{section}.")}
    return merged | dict(changes)


def _load_yaml(path: Path) -> Any:
    try:
        loader = _LOADER(path.read_text(encoding="utf-8"))
        try:
            return loader.get_single_data()
        finally:
            loader.dispose()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"the recipe {path} cannot be read: {error}.") from error
    except yaml.YAMLError as error:
        raise UsageError(f"the recipe {path} is not YAML: {error}") from error
