"""What a user says of a scene: some things, what is known of each, and how they stand to each other."""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from visreason.clevr.attributes import ATTRIBUTES, RELATIONS
from visreason.errors import DataError, UsageError

Said = Mapping[str, str]
"""Attribute name to value, for what was said of a thing."""


@dataclass(frozen=True, slots=True)
class Stand:
    """One thing stands so to another.

    Attributes:
        first, second: places in `Description.things`.
        relation: one of `visreason.clevr.attributes.RELATIONS`: how the first stands to the second.
        said: the user's words, for errors.
    """

    first: int
    relation: str
    second: int
    said: str


@dataclass(frozen=True, slots=True)
class Description:
    """Things and how they stand to each other.

    Attributes:
        things: what was said of each; nothing at all is allowed.
        stands: what was said of how they stand.
    """

    things: tuple[Said, ...]
    stands: tuple[Stand, ...]


def description_from_json(record: Any, where: str) -> Description:
    """A description from its JSON form.

    ```
    {"objects": [{"color": "red", "shape": "cube"}, {"size": "large"}], "relations": [[0, "left", 1]]}
    ```

    Objects say of color, size, shape and material what they like; a relation says how one object, counted from 0,
    stands to another. `relations` may be left out.

    Raises:
        DataError: it has another form, or a word that no scene knows.

    Example:
        >>> description_from_json({"objects": [{"shape": "cube"}, {}], "relations": [[1, "behind", 0]]}, "it").stands
        (Stand(first=1, relation='behind', second=0, said='object 1 behind object 0'),)
    """
    if not isinstance(record, dict) or not isinstance(record.get("objects"), list):
        raise DataError(f"{where}: a scene is a JSON object with a list of 'objects'.")
    for key in record:
        _known(key, ("objects", "relations"), f"{where}: the key")
    if not record["objects"]:
        raise DataError(f"{where}: the scene has no objects.")
    things = tuple(_thing(item, f"{where}, object {i}") for i, item in enumerate(record["objects"]))
    relations = record.get("relations", [])
    if not isinstance(relations, list):
        raise DataError(f"{where}: 'relations' should be a list such as [[0, \"left\", 1]].")
    return Description(things, tuple(_stand(item, len(things), where) for item in relations))


def nearest(word: str, known: Iterable[str]) -> str:
    """What an error adds about a word that is not known: the nearest known one, or all.

    Example:
        >>> nearest("gren", ("red", "green"))
        "Did you mean 'green'?"
        >>> nearest("mauve", ("red", "green"))
        'Known are red, green.'
    """
    known = tuple(known)
    near = difflib.get_close_matches(word, known, n=1)
    return f"Did you mean {near[0]!r}?" if near else f"Known are {', '.join(known)}."


def _thing(item: Any, where: str) -> Said:
    """What is said of one object."""
    if not isinstance(item, dict):
        raise DataError(f'{where} should be a JSON object such as {{"color": "red"}}, not {item!r:.40}.')
    for key, value in item.items():
        _known(key, ATTRIBUTES, f"{where}: the key")
        _known(value, ATTRIBUTES[key], f"{where}: the {key}")
    return dict(item)


def _stand(item: Any, count: int, where: str) -> Stand:
    """One relation."""
    match item:
        case [int(first), str(relation), int(second)] if 0 <= first < count and 0 <= second < count != 0:
            _known(relation, RELATIONS, f"{where}: the relation")
            if first == second:
                raise UsageError(f"{where}: object {first} cannot stand {relation} of itself.")
            return Stand(first, relation, second, f"object {first} {relation} object {second}")
    raise DataError(
        f'{where}: a relation is [OBJECT, RELATION, OBJECT] such as [0, "left", 1] with objects 0 to {count - 1}; '
        f"got {item!r:.60}."
    )


def _known(word: Any, known: Iterable[str], what: str) -> None:
    """Refuse a word that is not known, and name the nearest."""
    known = tuple(known)
    if word not in known:
        raise DataError(f"{what} {word!r} is not known. {nearest(str(word), known)}")
