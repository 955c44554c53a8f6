"""Reading a split rule from the text that `generate --only` and recipes take."""

import re
from collections.abc import Callable
from difflib import get_close_matches

from visreason.clevr.attributes import ATTRIBUTES, RELATIONS
from visreason.clevr.rules.kinds import Cogent, Depth, Families, ObjectCount, Pairs, Relations, Rule
from visreason.errors import UsageError

_FORM = re.compile(r"\s*(\w+)\s*(<=|>=|!=|=)\s*(.*?)\s*")
_RANGE = re.compile(r"\s*(\d{1,6})(?:\s*-\s*(\d{1,6}))?\s*")

_MOST_OBJECTS = 255
"""An object's number is a pixel of its mask."""

_ATTRIBUTE_OF = {word: name for name, words in ATTRIBUTES.items() for word in words}
_RELATIONS = (*RELATIONS, *(f"same_{name}" for name in ATTRIBUTES))

_EXAMPLES = {
    "cogent": "cogent=A",
    "objects": "objects=3-6",
    "families": "families=0-8,39 or families!=39",
    "depth": "depth<=4, depth>=5 or depth=3-6",
    "pairs": "pairs!=red+cube,blue+metal or pairs=red+cube",
    "relations": "relations!=left+red or relations=left+red",
}


def parse_rule(text: str) -> Rule:
    """Read one rule; `str` of it gives a text that reads the same.

    Args:
        text: `cogent=A`, `objects=3-6`, `families=0-8,39`, `families!=39`, `depth<=4`, `depth>=5`,
            `depth=3-6`, `pairs!=red+cube,blue+metal`, `pairs=red+cube`, `relations!=left+red` or
            `relations=left+red`.

    Raises:
        UsageError: it is no rule; says what was expected.

    Example:
        >>> parse_rule("pairs != cube+red")
        Pairs(pairs=(('red', 'cube'),), held_out=True)
    """
    found = _FORM.fullmatch(text)
    if found is None or found[1] not in _READERS:
        near = get_close_matches(found[1], _READERS, n=1) if found else []
        known = _EXAMPLES[near[0]] if near else "; ".join(_EXAMPLES.values())
        raise UsageError(f"{text!r} is no rule. A rule is NAME=VALUE: {known}.")
    name, sign, value = found.groups()
    reader, signs = _READERS[name]
    if sign not in signs or not value:
        raise UsageError(f"{text!r} is no rule for {name}. Write {_EXAMPLES[name]}.")
    return reader(text, sign, value)


def _cogent(text: str, sign: str, value: str) -> Rule:
    return Cogent(value)


def _objects(text: str, sign: str, value: str) -> Rule:
    least, most = _range(text, value, "objects")
    if not 1 <= least <= most <= _MOST_OBJECTS:
        raise UsageError(
            f"{text!r}: cannot make scenes of {least} to {most} objects; CLEVR has 3 to 10, "
            f"the most is {_MOST_OBJECTS}."
        )
    return ObjectCount(least, most)


def _families(text: str, sign: str, value: str) -> Rule:
    numbers: set[int] = set()
    for part in value.split(","):
        first, last = _range(text, part, "families")
        numbers.update(range(first, last + 1))
    return Families(frozenset(numbers), held_out=sign == "!=")


def _depth(text: str, sign: str, value: str) -> Rule:
    first, last = _range(text, value, "depth")
    if sign == "=":
        return Depth(first, last)
    if first != last:
        raise UsageError(f"{text!r}: one number is wanted after {sign}. Write {_EXAMPLES['depth']}.")
    return Depth(first, None) if sign == ">=" else Depth(0, last)


def _pairs(text: str, sign: str, value: str) -> Rule:
    pairs = []
    order = list(ATTRIBUTES)
    for words in _combinations(text, value, "pairs"):
        for word in words:
            _check_word(text, word, tuple(_ATTRIBUTE_OF), "attribute")
        one, other = sorted(words, key=lambda word: order.index(_ATTRIBUTE_OF[word]))
        if _ATTRIBUTE_OF[one] == _ATTRIBUTE_OF[other]:
            raise UsageError(
                f"{text!r}: {one} and {other} are both a {_ATTRIBUTE_OF[one]}, and an object has one. "
                f"Write {_EXAMPLES['pairs']}."
            )
        pairs.append((one, other))
    return Pairs(tuple(pairs), held_out=sign == "!=")


def _relations(text: str, sign: str, value: str) -> Rule:
    pairs = []
    for words in _combinations(text, value, "relations"):
        relation, word = words if words[0] in _RELATIONS else words[::-1]
        _check_word(text, relation, _RELATIONS, "relation")
        _check_word(text, word, tuple(_ATTRIBUTE_OF), "attribute")
        pairs.append((relation, word))
    return Relations(tuple(pairs), held_out=sign == "!=")


def _range(text: str, value: str, name: str) -> tuple[int, int]:
    """`3-6` or `5`."""
    found = _RANGE.fullmatch(value)
    if found is None or int(found[2] or found[1]) < int(found[1]):
        raise UsageError(f"{text!r}: {value!r} is no number or range. Write {_EXAMPLES[name]}.")
    return int(found[1]), int(found[2] or found[1])


def _combinations(text: str, value: str, name: str) -> list[tuple[str, str]]:
    """`red+cube,blue+metal`."""
    found = []
    for part in value.split(","):
        words = tuple(word.strip() for word in part.split("+"))
        if len(words) != 2:
            raise UsageError(f"{text!r}: {part!r} is no combination of two words. Write {_EXAMPLES[name]}.")
        found.append((words[0], words[1]))
    return found


def _check_word(text: str, word: str, known: tuple[str, ...], kind: str) -> None:
    if word not in known:
        near = get_close_matches(word, known, n=2)
        hint = f"Did you mean {' or '.join(near)}?" if near else f"Known: {', '.join(known)}."
        raise UsageError(f"{text!r}: {word!r} is no {kind}. {hint}")


_READERS: dict[str, tuple[Callable[[str, str, str], Rule], tuple[str, ...]]] = {
    "cogent": (_cogent, ("=",)),
    "objects": (_objects, ("=",)),
    "families": (_families, ("=", "!=")),
    "depth": (_depth, ("=", "<=", ">=")),
    "pairs": (_pairs, ("=", "!=")),
    "relations": (_relations, ("=", "!=")),
}
"""Rule name to its reader (whole text, sign, value) and the signs it takes."""
