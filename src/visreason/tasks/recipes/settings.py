"""From YAML and dotted settings to a checked `Recipe`, and back to YAML that explains itself.

Settings travel flat, as `{"optimiser.lr": 1e-4}`: so a recipe that extends another, and the command line,
simply override names. Only the last step knows types.
"""

import difflib
import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from typing import Any, get_args, get_type_hints

import jsonargparse
import yaml
from docstring_parser import parse as parse_docstring

from visreason.data.encodings import ATTRIBUTE_TARGETS, object_size
from visreason.errors import UsageError
from visreason.models import MODELS
from visreason.tasks.recipes.kinds import AnsweringTask, AttributesTask, Inputs, ModelSettings
from visreason.tasks.recipes.recipe import Recipe
from visreason.tasks.recipes.schedules import Schedule

Settings = dict[str, Any]

DERIVED = frozenset({"input", "object_size", "vocabulary_size", "answer_count", "attribute_count"})
"""Model settings that follow from data and inputs, and so are not the recipe's to choose."""

KINDS: dict[str, tuple[str, Mapping[str, type]]] = {
    "task": ("name", {kind.name: kind for kind in (AnsweringTask, AttributesTask)}),
    "inputs": ("kind", {kind.kind: kind for kind in get_args(Inputs)}),
    "model": ("family", {name: family.config for name, family in MODELS.items()}),
    "schedule": ("name", {kind.name: kind for kind in get_args(Schedule)}),
}
"""Sections of several kinds: the key that says which, and the class of each."""


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
            flat |= {f"{section}.{key}": value for key, value in values.items()}
        elif values is not None:
            raise UsageError(f"{where}: `{section}:` must hold settings of its own, got {values!r}.")
    return flat


def override(settings: Settings, changes: Mapping[str, Any]) -> Settings:
    """Lay `changes` over `settings`; choosing another kind of a section drops the old kind's settings.

    Example:
        >>> override({"schedule.name": "plateau", "schedule.patience": 3}, {"schedule.name": "constant"})
        {'schedule.name': 'constant'}
    """
    merged = dict(settings)
    for section, (key, _) in KINDS.items():
        chosen = f"{section}.{key}"
        if chosen in changes and changes[chosen] != merged.get(chosen):
            merged = {name: value for name, value in merged.items() if not name.startswith(f"{section}.")}
    return merged | dict(changes)


def to_recipe(settings: Settings, source: str) -> Recipe:
    """Check names and types of all settings and make the recipe.

    Args:
        settings: by dotted name; text is converted to each setting's type.
        source: the recipe's name or file, for messages.

    Raises:
        UsageError: a setting is unknown (the message names the nearest), missing, of another type, or out of
            range.
    """
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
    settings = _defaults(settings) | settings
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


def to_yaml(recipe: Recipe) -> str:
    """The resolved recipe as YAML with every setting's meaning beside it."""
    lines: list[str] = ["# A resolved visreason recipe: `visreason train THIS_FILE` trains it again."]
    for section, values in to_settings(recipe).items():
        sense = _meanings(Recipe)[section]
        lines += ["", f"{section}:  # {sense}"] if values else ["", f"{section}: {{}}  # {sense}"]
        meanings = _meanings(_kind(section, values))
        for key, value in values.items():
            text = yaml.safe_dump(value, default_flow_style=True, width=10**6).removesuffix("\n...\n").strip()
            note = meanings.get(key, "")
            lines.append(f"  {key}: {text}" + (f"  # {note}" if note else ""))
    return "\n".join(lines) + "\n"


def model_config(recipe: Recipe, meta: Mapping[str, Any]) -> Any:
    """The configuration of the recipe's model family, with what follows from the data filled in.

    Args:
        recipe: a resolved recipe.
        meta: `inputs` and, for a task with questions, `vocabulary`, as model files hold them.
    """
    inputs, vocabulary = meta["inputs"], meta.get("vocabulary", {"words": (), "answers": ()})
    derived = {
        "input": inputs["kind"],
        "object_size": object_size(inputs["encoding"]) if inputs["kind"] == "state" else None,
        "vocabulary_size": len(vocabulary["words"]),
        "answer_count": len(vocabulary["answers"]),
        "attribute_count": len(ATTRIBUTE_TARGETS),
    }
    config = MODELS[recipe.model.family].config
    own = {field.name: derived[field.name] for field in fields(config) if field.name in DERIVED}
    return config(**recipe.model.settings, **own)


def _load_yaml(path: Path) -> Any:
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"the recipe {path} cannot be read: {error}.") from error
    except yaml.YAMLError as error:
        raise UsageError(f"the recipe {path} is not YAML: {error}") from error


def _kind(section: str, values: Mapping[str, Any]) -> type:
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
        values = {} if section.name not in KINDS else {key: chosen}
        kind = _kind(section.name, values)
        hints = get_type_hints(kind)
        skip = DERIVED if section.name == "model" else frozenset()
        types |= {
            f"{section.name}.{one.name}": hints[one.name] for one in fields(kind) if one.name not in skip
        }
    return types


def _defaults(settings: Settings) -> Settings:
    """What a recipe may leave open: the model family's own defaults, and what older recipes do not know."""
    found: Settings = {}
    for section in fields(Recipe):
        key = KINDS[section.name][0] if section.name in KINDS else None
        kind = _kind(section.name, {} if key is None else {key: settings[f"{section.name}.{key}"]})
        given = [one for one in fields(kind) if one.name not in DERIVED and one.default is not MISSING]
        found |= {f"{section.name}.{one.name}": one.default for one in given}
    return found


def _convert(settings: Settings, types: Mapping[str, Any], source: str) -> Settings:
    """Give each setting its type; jsonargparse reads text, lists and nulls as YAML does."""
    parser = jsonargparse.ArgumentParser(exit_on_error=False)
    values: Settings = {}
    for name, kind in types.items():
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
        kind = _kind(section.name, values)
        if section.name in KINDS:
            chosen = values.pop(KINDS[section.name][0])
        sections[section.name] = ModelSettings(chosen, values) if section.name == "model" else kind(**values)
    return Recipe(**sections)


def _section_values(section: str, value: Any) -> dict[str, Any]:
    """A section's settings as plain values, its kind first."""
    if isinstance(value, ModelSettings):
        return {"family": value.family} | {key: _plain(one) for key, one in value.settings.items()}
    first = {KINDS[section][0]: getattr(value, KINDS[section][0])} if section in KINDS else {}
    return first | {one.name: _plain(getattr(value, one.name)) for one in fields(value)}


def _plain(value: Any) -> Any:
    """Tuples as lists, everything else as it is."""
    return [_plain(one) for one in value] if isinstance(value, tuple | list) else value


def _meanings(kind: type) -> dict[str, str]:
    """What a dataclass's docstring says of each field, on one line."""
    if not is_dataclass(kind):
        return {}
    documented = parse_docstring(inspect.getdoc(kind) or "").params
    texts = {one.arg_name: " ".join((one.description or "").split()) for one in documented}
    return {name: text if text.endswith("...") else text.removesuffix(".") for name, text in texts.items()}
