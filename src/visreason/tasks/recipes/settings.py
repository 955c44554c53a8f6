"""From dotted settings to a checked `Recipe`, and back: the step that knows every setting's type."""

import difflib
import re
from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import Any, get_args, get_type_hints

import jsonargparse

from visreason.errors import UsageError
from visreason.models import MODELS
from visreason.tasks.recipes.checks import require
from visreason.tasks.recipes.kinds import READS, Inputs, ModelSettings
from visreason.tasks.recipes.layers import KEYS, Settings
from visreason.tasks.recipes.model_settings import model_defaults, model_types, nested
from visreason.tasks.recipes.older import migrate
from visreason.tasks.recipes.recipe import Recipe
from visreason.tasks.recipes.schedules import Schedule
from visreason.tasks.recipes.task_kinds import Task
from visreason.tasks.recipes.worlds import World

KINDS: dict[str, tuple[str, Mapping[str, type]]] = {
    "task": (KEYS["task"], {kind.name: kind for kind in get_args(Task)}),
    "world": (KEYS["world"], {kind.kind: kind for kind in get_args(World)}),
    "inputs": (KEYS["inputs"], {kind.kind: kind for kind in get_args(Inputs)}),
    "model": (KEYS["model"], {name: family.config for name, family in MODELS.items() if name in READS}),
    "schedule": (KEYS["schedule"], {kind.name: kind for kind in get_args(Schedule)}),
}
"""Sections of several kinds: the key that says which, and the class of each."""


def to_recipe(settings: Settings, source: str) -> Recipe:
    """Check names and types of all settings and make the recipe.

    Args:
        settings: by dotted name; text is converted to each setting's type.
        source: the recipe's name or file, for messages.

    Raises:
        UsageError: a setting is unknown (the message names the nearest), missing, of another type, or out of
            range.
    """
    settings = migrate(settings)
    types = _schema(settings, source)
    unknown = [name for name in settings if name not in types]
    if unknown:
        near = difflib.get_close_matches(unknown[0], types, n=3)
        section = unknown[0].split(".")[0]
        known = (
            near
            or [name for name in types if name.startswith(f"{section}.")]
            or sorted({n.split(".")[0] for n in types})
        )
        hint = f"Did you mean {' or '.join(near)}?" if near else f"There are {', '.join(known)}."
        raise UsageError(f"{source}: there is no setting {unknown[0]!r}. {hint}")
    settings = defaults_of(settings) | settings
    missing = [name for name in types if name not in settings]
    if missing:
        raise UsageError(
            f"{source}: the setting{'s' if len(missing) > 1 else ''} {', '.join(missing)} "
            f"must be given (or taken from another recipe with `extends: NAME`)."
        )
    return _build(_convert(settings, types, source))


def to_settings(recipe: Recipe) -> dict[str, dict[str, Any]]:
    """The recipe as plain nested values, as they stand in YAML."""
    return {
        section.name: _section_values(section.name, getattr(recipe, section.name))
        for section in fields(recipe)
    }


def section_kind(section: str, values: Mapping[str, Any]) -> type:
    """The class of a section, given its settings by short name."""
    if section in KINDS:
        key, kinds = KINDS[section]
        return kinds[values[key]]
    kind: type = get_type_hints(Recipe)[section]
    return kind


def _schema(settings: Settings, source: str) -> dict[str, Any]:
    """Every setting that this recipe must have, with its type."""
    types: dict[str, Any] = {}
    for section in fields(Recipe):
        if section.name in KINDS:
            key, kinds = KINDS[section.name]
            chosen = settings.get(f"{section.name}.{key}")
            if chosen not in kinds:
                near = difflib.get_close_matches(str(chosen), kinds, n=1) if chosen else []
                hint = f" Did you mean {near[0]}?" if near else ""
                raise UsageError(
                    f"{source}: {section.name}.{key} must be one of {', '.join(kinds)}; got {chosen!r}.{hint}"
                )
            types[f"{section.name}.{key}"] = str
        if section.name == "model":
            types |= model_types(settings["model.family"], settings)
            continue
        kind = section_kind(section.name, {} if section.name not in KINDS else {key: chosen})
        hints = get_type_hints(kind)
        types |= {f"{section.name}.{one.name}": hints[one.name] for one in fields(kind)}
    return types


def defaults_of(settings: Settings) -> Settings:
    """What a recipe may leave open: the model family's own defaults, and what older recipes do not know."""
    found: Settings = model_defaults(settings["model.family"], settings)
    for section in fields(Recipe):
        if section.name == "model":
            continue
        key = KINDS[section.name][0] if section.name in KINDS else None
        kind = section_kind(section.name, {} if key is None else {key: settings[f"{section.name}.{key}"]})
        given = [one for one in fields(kind) if one.default is not MISSING]
        found |= {f"{section.name}.{one.name}": one.default for one in given}
    return found


def _convert(settings: Settings, types: Mapping[str, Any], source: str) -> Settings:
    """Give each setting its type; jsonargparse reads text, lists and nulls as YAML does."""
    parser = jsonargparse.ArgumentParser(exit_on_error=False)
    values: Settings = {}
    for name, kind in types.items():
        if kind is type(None):
            require(
                settings[name] in (None, "null"), name, settings[name], "null, or have settings of its own"
            )
            settings = settings | {name: None}
        parser.add_argument(f"--{name.replace('.', '__')}", type=kind)
    try:
        values = vars(
            parser.parse_object({name.replace(".", "__"): value for name, value in settings.items()})
        )
    except (jsonargparse.ArgumentError, TypeError, ValueError) as error:
        raise UsageError(f"{source}: {_readable(str(error))}") from error
    return {name: values[name.replace(".", "__")] for name in types}


def _readable(message: str) -> str:
    r"""What jsonargparse says of a wrong value, as a sentence.

    Example:
        >>> _readable("Parser key \"optimiser__lr\":\n  Expected a <class 'float'>. Got value: fast")
        'optimiser.lr must be a float; got fast.'
    """
    text = " ".join(message.split()).replace("__", ".").rstrip(".")
    text = re.sub(
        r'^Parser key "([\w.]+)": Expected an? (.*)\. Got value: (.*)$', r"\1 must be a \2; got \3", text
    )
    text = re.sub(
        r'^Parser key "([\w.]+)": Does not validate .*? Subtypes: \[(.*?)\] .* Given value: (.*)$',
        lambda found: f"{found[1]} must be one of {found[2].replace('NoneType', 'null')}; got {found[3]}",
        text,
    )
    text = (
        re.sub(r"<class '(\w+)'>", r"\1", text)
        .replace("a tuple with", "a list of")
        .replace("a tuple", "a list, as in [a, b]")
    )
    return re.sub(r"a typing\.Literal\[(.*?)\];", r"one of \1;", text) + "."


def _build(settings: Settings) -> Recipe:
    """Make the sections' objects from converted settings."""
    sections: dict[str, Any] = {}
    for section in fields(Recipe):
        prefix = f"{section.name}."
        values = {
            name.removeprefix(prefix): value for name, value in settings.items() if name.startswith(prefix)
        }
        kind = section_kind(section.name, values)
        if section.name in KINDS:
            chosen = values.pop(KINDS[section.name][0])
        sections[section.name] = (
            ModelSettings(chosen, nested(values)) if section.name == "model" else kind(**values)
        )
    return Recipe(**sections)


def _section_values(section: str, value: Any) -> dict[str, Any]:
    """A section's settings as plain values, its kind first."""
    if isinstance(value, ModelSettings):
        return {"family": value.family} | {key: to_plain(one) for key, one in value.settings.items()}
    first = {KINDS[section][0]: getattr(value, KINDS[section][0])} if section in KINDS else {}
    return first | {one.name: to_plain(getattr(value, one.name)) for one in fields(value)}


def to_plain(value: Any) -> Any:
    """Tuples as lists, in mappings too, everything else as it is."""
    if isinstance(value, Mapping):
        return {key: to_plain(one) for key, one in value.items()}
    return [to_plain(one) for one in value] if isinstance(value, tuple | list) else value
