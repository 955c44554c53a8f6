"""From a question in a person's own words to its program, by the phrases that such questions are made of.

Where the wordings of our templates (`visreason.clevr.questions.understand`) are whole sentences, here things are
described by phrases within phrases, and a few dozen forms say what is asked of them:

```
phrase   = [determiners] {size | colour | material} noun [modifier]  |  "it"
modifier = [that is] relation phrase [and relation phrase]
         | [that has] the same attribute as phrase
         | [that is] [either] phrase or phrase
```

A phrase stands for a set of objects, written as the tokens of a program in prefix order.
"""

from collections.abc import Iterator
from functools import cache

from visreason.clevr.attributes import ATTRIBUTES, RELATIONS
from visreason.clevr.program_forms import from_prefix
from visreason.clevr.programs import Program
from visreason.clevr.questions.folder import own_templates
from visreason.clevr.questions.wording import UNSHAPED
from visreason.errors import ProgramError

Words = tuple[str, ...]
Tokens = tuple[str, ...]
"""A part of a program in prefix order."""

FORMS: tuple[tuple[str, str], ...] = (
    (
        "does|is the S have? of? the same P as any|some? other? anything|something|thing|object else?",
        "exist same_P unique S",
    ),
    (
        "is the S made of the same material as T",
        "equal_material query_material unique S query_material unique T",
    ),
    ("is|are the S of? the same P as T", "equal_P query_P unique S query_P unique T"),
    ("does|do the S have the same P as T", "equal_P query_P unique S query_P unique T"),
    ("is|does it have? of? the same P as T", "equal_P query_P unique it query_P unique T"),
    ("does|do a|any|another|some S", "exist S"),
    ("how|what many|number of? S are|is? there|visible|present?", "count S"),
    ("what is the number|count of S", "count S"),
    ("there are|is how many S", "count S"),
    ("count the? S", "count S"),
    ("is|are there S visible?", "exist S"),
    ("is|are S visible|there|present?", "exist S"),
    ("what|which P is|are S", "query_P unique S"),
    ("what|which P does S have", "query_P unique S"),
    ("what is|are the P of S", "query_P unique S"),
    ("what is its P", "query_P unique it"),
    ("of? what P is S made? of?", "query_P unique S"),
    ("S is|has what P", "query_P unique S"),
    ("S is made? of? what P", "query_P unique S"),
    ("the P of S is what", "query_P unique S"),
    ("what is S made of", "query_material unique S"),
    ("what material is S made of", "query_material unique S"),
    ("S is made of what material?", "query_material unique S"),
    ("how big|large|small is S", "query_size unique S"),
    ("does|do|are both? S and T have? of? made? of? the same P", "equal_P query_P unique S query_P unique T"),
    (
        "is|does the P of S equal|the same? to|as? that|the? P? of? T",
        "equal_P query_P unique S query_P unique T",
    ),
    (
        "is|does its P equal|the? same? to|as? that|the? P? of? T",
        "equal_P query_P unique it query_P unique T",
    ),
    ("is|are there more S than there? are? T", "greater_than count S count T"),
    ("is|are there fewer|less S than there? are? T", "less_than count S count T"),
    ("are there the|a same|equal number|amount of S and|as T", "equal_integer count S count T"),
    ("are there as many S as T", "equal_integer count S count T"),
    (
        "is the number of S greater|more|larger|bigger than the|that number? of T",
        "greater_than count S count T",
    ),
    ("is the number of S less|fewer|smaller than the|that number? of T", "less_than count S count T"),
    ("is the number of S the? same|equal as|to the|that number? of T", "equal_integer count S count T"),
)
"""What can be asked: words (`a|b`: one of them, `?` at the end: or none), phrases `S` and `T`, an attribute `P`; and
the program, in prefix order. The first that fits is taken."""

_DETERMINERS = frozenset(("a", "the", "any", "another", "other", "some", "of"))
_AFTER = frozenset(("else",))
_PRONOUNS = frozenset(("it", "them", "that", "one"))
_ANYTHING = frozenset(("anything", "something", "everything"))
_BE, _HAVE, _WHO = frozenset(("is", "are")), frozenset(("has", "have", "with")), frozenset(("that", "which"))


def read_freely(words: Words) -> Program | None:
    """The program of a question, or None where no form fits.

    Args:
        words: in lower case, without marks, "a" for "an".

    Example:
        >>> [node.function for node in read_freely(tuple("is there a cube left of the ball".split()))]
        ['scene', 'filter_shape', 'unique', 'relate', 'filter_shape', 'exist']
    """
    for asked, antecedent in _with_antecedent(words):
        reader = _Reader(asked, antecedent)
        for form, template in FORMS:
            for said in reader.fits(form.split(), 0, {}):
                tokens = tuple(one for token in template.split() for one in _filled(token, said, antecedent))
                try:
                    return from_prefix(tokens, "the question")
                except ProgramError:
                    continue
    return None


@cache
def phrase_words() -> frozenset[str]:
    """All words of forms and phrases."""
    of_forms = {word for form, _ in FORMS for part in form.split() for word in part.strip("?").split("|")}
    glue = {
        "and",
        "or",
        "either",
        "both",
        "as",
        "same",
        *ATTRIBUTES,
    }
    sets = (_DETERMINERS, _AFTER, _PRONOUNS, _ANYTHING, _BE, _HAVE, _WHO, _adjectives(), _nouns())
    relations = {word for way in _relations() for word in way}
    return frozenset(of_forms - {"S", "T", "P"}).union(glue, relations, *sets)


def _with_antecedent(words: Words) -> Iterator[tuple[Words, Tokens | None]]:
    """A question as it is, and without "there is a thing" before it, of which it then speaks as "it"."""
    yield words, None
    if len(words) > 2 and words[0] == "there" and words[1] in _BE:
        reader = _Reader(words, None)
        for end, tokens in reader.phrase(2):
            if end < len(words):
                yield words[end:], tokens


def _filled(token: str, said: dict[str, Tokens], antecedent: Tokens | None) -> Tokens:
    """A token of a form's program with what was said in its place."""
    if token in ("S", "T"):
        return said[token]
    if token == "it":
        return antecedent or ("nothing",)
    return (token.replace("_P", f"_{said['P'][0]}") if "P" in said else token,)


class _Reader:
    """Reads one question; every method gives the ways to read on from a word, with where each ends.

    Of several ways to read the same words as a phrase the first is taken, so that long texts cost no more than the
    square of their length.
    """

    def __init__(self, words: Words, antecedent: Tokens | None) -> None:
        self.words, self.antecedent = words, antecedent
        self._phrases: dict[int, dict[int, Tokens]] = {}

    def fits(self, form: list[str], word: int, said: dict[str, Tokens]) -> Iterator[dict[str, Tokens]]:
        """What a form's places say, for every way in which the rest of the words fit the rest of the form."""
        if not form:
            if word == len(self.words):
                yield said
            return
        part, rest = form[0], form[1:]
        if part in ("S", "T"):
            for end, tokens in self.phrase(word):
                yield from self.fits(rest, end, said | {part: tokens})
        elif part.startswith("P"):
            if self._at(word) in ATTRIBUTES and said.get("P", (self._at(word),)) == (self._at(word),):
                yield from self.fits(rest, word + 1, said | {"P": (self._at(word),)})
            if part.endswith("?"):
                yield from self.fits(rest, word, said)
        else:
            if self._at(word) in part.strip("?").split("|"):
                yield from self.fits(rest, word + 1, said)
            if part.endswith("?"):
                yield from self.fits(rest, word, said)

    def phrase(self, word: int) -> Iterator[tuple[int, Tokens]]:
        """Sets of objects that are described from a word on, those of more words first."""
        if word not in self._phrases:
            found: dict[int, Tokens] = {}
            for end, tokens in self._read(word):
                found.setdefault(end, tokens)
            self._phrases[word] = dict(sorted(found.items(), reverse=True))
        yield from self._phrases[word].items()

    def _read(self, word: int) -> Iterator[tuple[int, Tokens]]:
        """All ways to read a phrase."""
        if self.antecedent is not None and self._at(word) in _PRONOUNS:
            yield word + 1, self.antecedent
        while self._at(word) in _DETERMINERS:
            word += 1
        filters: dict[str, str] = {}
        while (known := _adjectives().get(self._at(word))) is not None and known[0] not in filters:
            filters[known[0]] = known[1]
            word += 1
        noun = self._at(word)
        if noun not in _nouns():
            return
        shape = _nouns()[noun]
        if shape is not None:
            filters["shape"] = shape
        word += 1 + (self._at(word + 1) in _AFTER)
        asked = tuple(f"filter_{name}[{filters[name]}]" for name in reversed(ATTRIBUTES) if name in filters)
        yield word, (*asked, "scene")
        for end, base in self._modifier(word):
            yield end, (*asked, *base)

    def _modifier(self, word: int) -> Iterator[tuple[int, Tokens]]:
        """What the objects of a phrase are chosen from, where more is said of them than what they are."""
        word += 2 * (self._at(word) in _BE and self._at(word + 1) == "there")
        word += self._at(word) in _WHO
        verb = self._at(word)
        word += verb in _BE or verb in _HAVE
        yield from self._same(word)
        if verb not in _HAVE:
            both = word + (self._at(word) == "both")
            for end, first in self._related(both):
                yield end, first
                if self._at(end) == "and":
                    for last, second in self._related(end + 1 + (self._at(end + 1) in _BE)):
                        yield last, ("intersect", *first, *second)
            if verb in _BE:
                yield from self._either(word)

    def _related(self, word: int) -> Iterator[tuple[int, Tokens]]:
        """Objects in a relation to one other."""
        for way, relation in _relations().items():
            if self.words[word : word + len(way)] == way:
                for end, tokens in self.phrase(word + len(way)):
                    yield end, (f"relate[{relation}]", "unique", *tokens)

    def _same(self, word: int) -> Iterator[tuple[int, Tokens]]:
        """Objects that share an attribute with one other."""
        while self._at(word) in ("made", "of", "the"):
            word += 1
        name = self._at(word + 1)
        if self._at(word) == "same" and name in ATTRIBUTES and self._at(word + 2) in ("as", "of"):
            for end, tokens in self.phrase(word + 3):
                yield end, (f"same_{name}", "unique", *tokens)

    def _either(self, word: int) -> Iterator[tuple[int, Tokens]]:
        """Objects of one kind or another."""
        word += self._at(word) == "either"
        for end, first in self.phrase(word):
            if self._at(end) == "or":
                for last, second in self.phrase(end + 1):
                    yield last, ("union", *first, *second)

    def _at(self, word: int) -> str:
        return self.words[word] if word < len(self.words) else ""


@cache
def _adjectives() -> dict[str, tuple[str, str]]:
    """A word to the attribute and value that it says, but for shapes."""
    ways = own_templates().synonyms
    return {
        way: (name, value)
        for name in ATTRIBUTES
        if name != "shape"
        for value in ATTRIBUTES[name]
        for way in ways.get(value, (value,))
    }


@cache
def _nouns() -> dict[str, str | None]:
    """A word, in singular or plural, to the shape that it says; None where it says none."""
    ways = own_templates().synonyms
    nouns: dict[str, str | None] = dict.fromkeys(_ANYTHING)
    for word, shape in [(UNSHAPED, None), *((shape, shape) for shape in ATTRIBUTES["shape"])]:
        for way in ways.get(word, (word,)):
            nouns |= {way: shape, f"{way}s": shape}
    return nouns


@cache
def _relations() -> dict[Words, str]:
    """The words of a relation to the relation."""
    ways = own_templates().synonyms
    return {tuple(way.split()): name for name in RELATIONS for way in ways.get(name, (name,))}
