"""Reading a folder of question templates: our own, or one a user names.

A folder holds template files (lists of families), `metadata.json` (which words each kind of slot may take)
and `synonyms.json` (how each word may be said), as in the `CLEVR_1.0_templates` folder of CLEVR's generator.
"""

import os
from functools import cache
from pathlib import Path
from typing import Any

from visreason.clevr.families import FAMILY_COUNTS
from visreason.clevr.functions import VALUE_DOMAINS
from visreason.clevr.questions.parsing import parse_template
from visreason.clevr.questions.purpose import CAPTIONS, QUESTIONS, REFERRING, Purpose
from visreason.clevr.questions.template import Template, TemplateSet
from visreason.errors import DataError
from visreason.files import read_json

_METADATA, _SYNONYMS = "metadata.json", "synonyms.json"
_OWN = Path(__file__).parent / "templates"


@cache
def own_templates() -> TemplateSet:
    """The templates that come with visreason: CLEVR's 90 families in our own words, of CLEVR's vocabulary.

    Example:
        >>> templates = own_templates().templates
        >>> len(templates), templates[39].name
        (90, 'same_relate/3')
    """
    return read_templates(_OWN)


@cache
def referring_templates() -> TemplateSet:
    """The templates that come with visreason for expressions that refer to one object.

    Example:
        >>> referring_templates().templates[0].name
        'and/0'
    """
    return _read(_OWN / REFERRING.name, _OWN, REFERRING)


@cache
def caption_templates() -> TemplateSet:
    """The templates that come with visreason for statements about an image.

    Example:
        >>> {template.nodes[-1].function.output for template in caption_templates().templates}
        {<Type.BOOL: 'Bool'>}
    """
    return _read(_OWN / CAPTIONS.name, _OWN, CAPTIONS)


def read_templates(folder: str | os.PathLike[str]) -> TemplateSet:
    """Read a template folder.

    CLEVR's nine files are numbered as in the released questions (families 0 to 89), and come all nine or not
    at all; any other file's families follow, in the order of their names, from 90 (or from 0 without
    CLEVR's).

    Args:
        folder: a folder in the format of CLEVR's generator.

    Raises:
        DataError: the folder, `metadata.json`, `synonyms.json` or one of CLEVR's nine files is missing; a
            file is no JSON; a family is malformed. The message names file and family.
    """
    root = Path(folder)
    if not root.is_dir():
        raise DataError(f"{root} is no folder. Give one with template files, {_METADATA} and {_SYNONYMS}.")
    return _read(root, root, QUESTIONS)


def _read(root: Path, words: Path, purpose: Purpose) -> TemplateSet:
    """Read the template files of one folder, whose words another folder may hold."""
    values = _read_values(words / _METADATA)
    synonyms = _read_synonyms(words / _SYNONYMS)
    templates: list[Template] = []
    for path in _template_files(root):
        families = read_json(path)
        if not isinstance(families, list):
            raise DataError(f"{path} should be a list of families, not {families!r:.60}.")
        if len(families) != FAMILY_COUNTS.get(path.stem, len(families)):
            raise DataError(
                f"{path} has {len(families)} families where CLEVR has {FAMILY_COUNTS[path.stem]}; "
                "put further families in a file of their own."
            )
        first = len(templates)
        templates += [
            parse_template(record, path.stem, i, first + i, f"{path}, family {i}", purpose)
            for i, record in enumerate(families)
        ]
    if not templates:
        raise DataError(f"{root} has no question families: its template files are empty.")
    return TemplateSet(str(root), tuple(templates), synonyms, values, purpose)


def _template_files(root: Path) -> list[Path]:
    """CLEVR's nine files in release order, then the others by name."""
    found = {
        path.stem: path for path in sorted(root.glob("*.json")) if path.name not in (_METADATA, _SYNONYMS)
    }
    missing = [f"{name}.json" for name in FAMILY_COUNTS if name not in found]
    if not found or 0 < len(missing) < len(FAMILY_COUNTS):
        raise DataError(
            f"{root} lacks {', '.join(missing)}. Family numbers run through CLEVR's nine files: "
            "give all of them, or none of them and your own."
        )
    return [found.pop(name) for name in FAMILY_COUNTS if name in found] + list(found.values())


def _read_values(path: Path) -> dict[str, tuple[str, ...]]:
    """Domain to words, from `types` of `metadata.json`."""
    metadata = read_json(path)
    types = metadata.get("types") if isinstance(metadata, dict) else None
    if not isinstance(types, dict):
        raise DataError(f"{path} should be a JSON object with the key 'types'.")
    values = {}
    for domain, known in VALUE_DOMAINS.items():
        words = types.get(domain.capitalize())
        if not isinstance(words, list) or not words:
            raise DataError(
                f"{path}: 'types' should list the words of {domain.capitalize()}, not {words!r:.60}."
            )
        strange = [word for word in words if word not in known]
        if strange:
            raise DataError(
                f"{path}: {domain.capitalize()} has {strange[0]!r}, which no CLEVR scene knows; "
                f"its words are {', '.join(known)}."
            )
        values[domain] = tuple(words)
    return values


def _read_synonyms(path: Path) -> dict[str, tuple[str, ...]]:
    synonyms: Any = read_json(path)
    if not isinstance(synonyms, dict):
        raise DataError(f"{path} should be a JSON object from words to lists of words.")
    for word, ways in synonyms.items():
        if not isinstance(ways, list) or not ways or not all(isinstance(way, str) and way for way in ways):
            raise DataError(f"{path}: {word!r} should have a list of words, not {ways!r:.60}.")
    return {word: tuple(ways) for word, ways in synonyms.items()}
