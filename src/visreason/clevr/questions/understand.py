"""From a question or expression in words to its program, by the templates that the question engine words its own with.

The inverse of `visreason.clevr.questions.wording`: every wording is matched against the text from left to right, its
slots against the words that may fill them. Marks, capitals, "an" for "a" and British spellings make no difference. A
question that is worded otherwise is read phrase by phrase (`visreason.clevr.questions.phrases`).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache

from visreason.clevr.programs import Program
from visreason.clevr.questions.folder import own_templates, referring_templates
from visreason.clevr.questions.instantiate import expand
from visreason.clevr.questions.phrases import phrase_words, read_freely
from visreason.clevr.questions.plan import Plan, make_plan
from visreason.clevr.questions.purpose import QUESTIONS, REFERRING, Purpose
from visreason.clevr.questions.template import Null, Template, TemplateSet, ValuesDiffer
from visreason.clevr.questions.wording import UNSHAPED, Wording
from visreason.errors import VocabularyError

_WORD = re.compile(r"[^\s.,;:!?()]+")
_PIECE = re.compile(r"%\((<[^<>]*>)\)s(s?)|([^\s.,;:!?()%]+)")
_SPELLINGS = {"an": "a", "grey": "gray", "colour": "color", "colours": "colors"}
_MAY_GO: Mapping[str, tuple[str, ...]] = {"other": (), "another": ("a",)}
"""What stands in place of a word where two descriptions can only fit two objects."""

Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a wording.

    Attributes:
        slot: what it fills; None where it fills nothing.
        ways: what may be said here, with what it then says of the slot.
    """

    slot: str | None
    ways: tuple[tuple[Words, str | None], ...]


@dataclass(frozen=True, slots=True)
class Pattern:
    """A wording of a template, to be matched against texts."""

    template: Template
    parts: tuple[Part, ...]


def find_program(text: str, purpose: Purpose = QUESTIONS) -> Program | None:
    """The program of a question that somebody typed, or None where no wording of ours fits.

    Args:
        text: the question, or an expression that refers to an object.
        purpose: which of the two it is.

    Raises:
        VocabularyError: no question (or expression) has such a word; the message names the nearest.

    Example:
        >>> [node.function for node in find_program("How many red cubes are visible?")]
        ['scene', 'filter_color', 'filter_shape', 'count']
        >>> find_program("How many red cubs are visible?")
        Traceback (most recent call last):
        visreason.errors.VocabularyError: none of our questions has the word 'cubs'; the nearest are 'cubes', 'cube'.
    """
    return next(find_programs(text, purpose), None)


def find_programs(text: str, purpose: Purpose = QUESTIONS) -> Iterator[Program]:
    """Every program that a text may stand for, each once; arguments and errors as of `find_program`."""
    words, known = _words(text), known_words(purpose)
    for word in words:
        if word not in known:
            near = ", ".join(map(repr, get_close_matches(word, known, n=3)))
            hint = f"; the nearest are {near}." if near else "."
            raise VocabularyError(f"none of our {purpose.texts} has the word {word!r}{hint}")
    found: set[Program] = set()
    for pattern in _patterns(purpose):
        for said in _fits(pattern.parts, 0, words, 0):
            program = _program(pattern.template, said)
            if program is not None and program not in found:
                found.add(program)
                yield program
    if not found and purpose == QUESTIONS and (program := read_freely(words)) is not None:
        yield program


@cache
def known_words(purpose: Purpose = QUESTIONS) -> frozenset[str]:
    """All words of all wordings in every spelling, and of questions also those that are read phrase by phrase.

    Example:
        >>> "cubes" in known_words(), "pyramid" in known_words()
        (True, False)
    """
    parts = (part for pattern in _patterns(purpose) for part in pattern.parts)
    worded = frozenset(word for part in parts for way, _ in part.ways for word in way) | _SPELLINGS.keys()
    return worded | phrase_words() if purpose == QUESTIONS else worded


@cache
def _patterns(purpose: Purpose) -> tuple[Pattern, ...]:
    """The wordings of all our templates of a purpose."""
    templates = _templates(purpose)
    plans = [make_plan(template, templates) for template in templates.templates]
    return tuple(
        Pattern(plan.template, _parts(plan, wording, purpose)) for plan in plans for wording in plan.wordings
    )


def _templates(purpose: Purpose) -> TemplateSet:
    return referring_templates() if purpose == REFERRING else own_templates()


def _parts(plan: Plan, wording: Wording, purpose: Purpose) -> tuple[Part, ...]:
    """The parts of a wording."""
    nulls = {constraint.slot for constraint in plan.template.constraints if isinstance(constraint, Null)}
    parts = []
    for optional, text in wording.parts:
        if optional:  # no slots of ours are
            parts.append(Part(None, ((_words(text), None), ((), None))))
            continue
        for slot, plural, word in _PIECE.findall(text):
            if slot:
                domain = plan.template.domains[slot]
                parts.append(Part(slot, _sayings(domain, plural, purpose, null=slot in nulls)))
            else:
                said = _words(word)
                without = _MAY_GO.get(word.lower(), said) if plan.pair is not None else said
                parts.append(Part(None, tuple((way, None) for way in dict.fromkeys((said, without)))))
    return tuple(parts)


@cache  # hundreds of wordings have the same few kinds of slots
def _sayings(
    domain: str, plural: str, purpose: Purpose, *, null: bool
) -> tuple[tuple[Words, str | None], ...]:
    """The ways in which a slot can be filled, with what each says."""
    templates = _templates(purpose)
    values = () if null else templates.values[domain]
    meanings: list[tuple[str, str | None]] = [(value, value) for value in values]
    if domain == "shape":
        meanings.append((UNSHAPED, None))
    ways: list[tuple[Words, str | None]] = [
        (_words(way + plural), value)
        for word, value in meanings
        for way in templates.synonyms.get(word, (word,))
    ]
    if domain not in ("shape", "relation"):
        ways.append(((), None))
    return tuple(ways)


def _fits(parts: tuple[Part, ...], part: int, words: Words, word: int) -> Iterator[dict[str, str | None]]:
    """What the slots from a part on say, for every way in which the words from a word on can be read."""
    if part == len(parts):
        if word == len(words):
            yield {}
        return
    here = parts[part]
    for way, value in here.ways:
        if words[word : word + len(way)] == way:
            for said in _fits(parts, part + 1, words, word + len(way)):
                yield said if here.slot is None else said | {here.slot: value}


def _program(template: Template, said: Mapping[str, str | None]) -> Program | None:
    """The program of a filled template, or None where the template says that it may not be filled like this."""
    for constraint in template.constraints:
        if isinstance(constraint, ValuesDiffer):
            first, second = said[constraint.first], said[constraint.second]
            if first is not None and first == second:
                return None
    return expand(template.nodes, tuple(tuple(said[slot] for slot in node.slots) for node in template.nodes))


def _words(text: str) -> Words:
    """The words of a text, spelled as in templates."""
    return tuple(_SPELLINGS.get(word, word) for word in _WORD.findall(text.lower()))
