"""A line of words to what it says of a scene: `red metal cube left of large sphere; blue cylinder`.

```
line      = statement {";" statement}
statement = group {relation group | "and" relation group}
group     = phrase {"and" phrase}
phrase    = [a | the | another | number] {size | colour | material} [shape | thing]
```

* Words and relations are CLEVR's, with the synonyms of our question templates (ball, block, big, tiny, shiny, matte, to
  the left of ...), and plurals.
* In `A left of B behind C` it is B that stands behind C; in `A left of B and behind C` it is A.
* The same words mean the same thing: `red cube left of sphere; red cube behind cylinder` is of three things. `another
  red cube` and `two red cubes` are new ones; `the cube` is the one cube, of whatever else, that was spoken of.
"""

import re
from collections.abc import Sequence
from functools import cache
from itertools import product

from visreason.clevr.attributes import ATTRIBUTES, RELATIONS
from visreason.clevr.questions.folder import own_templates
from visreason.clevr.questions.wording import UNSHAPED
from visreason.errors import UsageError
from visreason.retrieval.description import Description, Said, Stand, nearest

MOST_THINGS = 10
"""CLEVR's scenes have no more."""

_NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_SKIPPED = frozenset(("a", "an", "is", "are", "that", "which", "there"))
_AND, _THE, _ANOTHER = "and", "the", "another"


def read_description(text: str) -> Description:
    """Understand a line of words.

    Raises:
        UsageError: a word is unknown (the message names the nearest), a phrase or a relation is incomplete, or it is
            not clear which thing is meant.

    Example:
        >>> described = read_description("shiny red cube left of a big ball; blue cylinder")
        >>> [dict(thing) for thing in described.things][:2]
        [{'material': 'metal', 'color': 'red', 'shape': 'cube'}, {'size': 'large', 'shape': 'sphere'}]
        >>> described.stands
        (Stand(first=0, relation='left', second=1, said='shiny red cube left of a big ball'),)
    """
    reader = _Reader()
    for statement in re.split(r"[;\n]", text.lower()):
        if statement.strip():
            reader.read(statement)
    if not reader.things:
        raise UsageError("the scene's description is empty. Write such as 'red cube left of large sphere'.")
    return Description(tuple(reader.things), tuple(reader.stands))


class _Reader:
    """Takes statements in, one after the other."""

    def __init__(self) -> None:
        self.things: list[Said] = []
        self.stands: list[Stand] = []

    def read(self, statement: str) -> None:
        """Take one statement in."""
        parts, known = _parts(statement), len(self.things)
        if not all(parts):
            raise UsageError(f"a thing is missing in {statement.strip()!r}; write at least 'thing'.")
        subject = last = (parts[0], self._group(parts[0]))
        if len(parts) == 1 and len(self.things) == known:
            raise UsageError(
                f"{parts[0]!r} was spoken of before; for one more write 'another {_bare(parts[0])}', for several a "
                "number."
            )
        for relation, text in zip(parts[1::2], parts[2::2], strict=True):
            subject = subject if relation.startswith(f"{_AND} ") else last
            last = (text, self._group(text))
            self._relate(subject, relation.removeprefix(f"{_AND} "), last)

    def _relate(self, one: tuple[str, list[int]], words: str, other: tuple[str, list[int]]) -> None:
        """Note that all of one group stand so to all of another."""
        said = f"{one[0]} {words} {other[0]}"
        for first, second in product(one[1], other[1]):
            if first == second:
                raise UsageError(
                    f"{said!r} speaks of one thing twice; write 'another' for a second one like it."
                )
            self.stands.append(Stand(first, _relations()[words], second, said))

    def _group(self, text: str) -> list[int]:
        """The things that some phrases mean."""
        return [thing for phrase in re.split(rf"\b{_AND}\b", text) for thing in self._phrase(phrase.strip())]

    def _phrase(self, phrase: str) -> list[int]:
        """The things that one phrase means, new or known."""
        head, *rest = [word for word in phrase.split() if word not in _SKIPPED] or [""]
        if head == _THE:
            return [self._spoken_of(_said(rest, phrase), phrase)]
        if head == _ANOTHER:
            return self._add(_said(rest, phrase), 1)
        count = _NUMBERS.index(head) + 1 if head in _NUMBERS else int(head) if head.isdecimal() else None
        if count is None:
            rest = [head, *rest] if head else rest
        said = _said(rest, phrase)
        if count is not None and count != 1:
            return self._add(said, count)
        alike = [place for place, thing in enumerate(self.things) if thing == said]
        if len(alike) > 1:
            raise UsageError(f"{phrase!r} may mean any of {len(alike)} things; say more of each.")
        return alike or self._add(said, 1)

    def _add(self, said: Said, count: int) -> list[int]:
        """New things."""
        if not 1 <= count <= MOST_THINGS:
            raise UsageError(f"a scene has 1 to {MOST_THINGS} things; {count} were asked for.")
        self.things += [said] * count
        return list(range(len(self.things) - count, len(self.things)))

    def _spoken_of(self, said: Said, phrase: str) -> int:
        """The one known thing of which all this was said; a new one where nothing like it was."""
        fits = [place for place, thing in enumerate(self.things) if said.items() <= thing.items()]
        if len(fits) > 1:
            raise UsageError(f"{phrase!r} may mean any of {len(fits)} things; say more of it.")
        return fits[0] if fits else self._add(said, 1)[0]


def _parts(statement: str) -> list[str]:
    """Groups and relations in turn; a relation of the statement's subject keeps its `and`."""
    return [part.strip() for part in re.split(_relation_pattern(), " ".join(statement.rstrip(" .").split()))]


def _said(words: Sequence[str], phrase: str) -> Said:
    """What words say of a thing."""
    if not words:
        raise UsageError(f"a thing is missing in {phrase!r}; write at least 'thing'.")
    said: dict[str, str] = {}
    for word in words:
        name, value = _lookup(word, phrase)
        if name and said.setdefault(name, value) != value:
            raise UsageError(f"{phrase!r} has two words for the {name}: {said[name]} and {value}.")
    return said


def _lookup(word: str, phrase: str) -> tuple[str, str]:
    """Attribute and value of a word; no attribute for `thing`."""
    known = _words()
    for form in (word, word.removesuffix("s")):
        if form in known:
            return known[form]
    inside = "" if word == phrase else f" in {phrase!r}"
    raise UsageError(f"the word {word!r}{inside} is not known here. {nearest(word, (*known, *_relations()))}")


@cache
def _words() -> dict[str, tuple[str, str]]:
    """Every word for an attribute's value, and that for anything."""
    synonyms = own_templates().synonyms
    values = [(name, value) for name, values in ATTRIBUTES.items() for value in values]
    known = {way: (name, value) for name, value in values for way in synonyms.get(value, (value,))}
    return known | {"grey": ("color", "gray")} | dict.fromkeys(synonyms.get(UNSHAPED, (UNSHAPED,)), ("", ""))


@cache
def _relations() -> dict[str, str]:
    """Every way to say a relation."""
    synonyms = own_templates().synonyms
    return {way: relation for relation in RELATIONS for way in synonyms.get(relation, (relation,))}


@cache
def _relation_pattern() -> str:
    """Finds relations, those of the statement's subject with `and` before them."""
    ways = "|".join(sorted(map(re.escape, _relations()), key=len, reverse=True))
    return rf"\b((?:{_AND} )?(?:{ways}))\b"


def _bare(phrase: str) -> str:
    """A phrase without its article."""
    return " ".join(word for word in phrase.split() if word not in _SKIPPED | {_THE})
