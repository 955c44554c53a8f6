"""A recipe as YAML that explains itself: every setting with its meaning beside it."""

from collections.abc import Iterator, Mapping
from dataclasses import is_dataclass
from typing import Any, get_type_hints

import yaml
from docstring_parser import parse as parse_docstring

from visreason.tasks.recipes.model_settings import part
from visreason.tasks.recipes.recipe import Recipe
from visreason.tasks.recipes.settings import section_kind, to_settings


def to_yaml(recipe: Recipe) -> str:
    """The resolved recipe as YAML with every setting's meaning beside it."""
    lines: list[str] = ["# A resolved visreason recipe: `visreason train THIS_FILE` trains it again."]
    for section, values in to_settings(recipe).items():
        sense = _meanings(Recipe)[section]
        lines += ["", f"{section}:  # {sense}"] if values else ["", f"{section}: {{}}  # {sense}"]
        lines += _lines(section_kind(section, values), values, "  ")
    return "\n".join(lines) + "\n"


def _lines(kind: type, values: Mapping[str, Any], indent: str) -> Iterator[str]:
    """A line a setting, those of a part of the model further in."""
    meanings, hints = _meanings(kind), get_type_hints(kind)
    for key, value in values.items():
        note = f"  # {meanings[key]}" if key in meanings else ""
        inner = part(hints.get(key))
        if isinstance(value, Mapping) and inner is not None:
            yield f"{indent}{key}:{note}"
            yield from _lines(inner, value, indent + "  ")
        else:
            text = yaml.safe_dump(value, default_flow_style=True, width=10**6).removesuffix("\n...\n").strip()
            yield f"{indent}{key}: {text}{note}"


def _meanings(kind: type) -> dict[str, str]:
    """What a dataclass's docstring says of each field, on one line."""
    if not is_dataclass(kind):
        return {}
    documented = [
        one for base in reversed(kind.__mro__[:-1]) for one in parse_docstring(base.__doc__ or "").params
    ]
    texts = {one.arg_name: " ".join((one.description or "").split()) for one in documented}
    return {name: text if text.endswith("...") else text.removesuffix(".") for name, text in texts.items()}
