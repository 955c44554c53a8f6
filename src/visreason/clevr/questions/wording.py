"""From a filled template to an English sentence.

A wording is a sentence with slots (`<C2>`) and optional parts (`[that is]`, each kept half of the time). A
slot is filled with one of the synonyms of its word; an empty shape is a "thing", every other empty slot is
nothing. The plural is a literal "s" after a slot. Format: `text` of CLEVR's question templates.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from random import Random

from visreason.errors import DataError

UNSHAPED = "thing"
"""The word for an object whose shape is not told."""

_SLOT = re.compile(r"<[^<>]*>")
_OPTIONAL = re.compile(r"(\[[^\[\]]*\])")
_SPACES = re.compile(r"\s+")
_SPACE_BEFORE_MARK = re.compile(r" (?=[?;])")
_OTHER = re.compile(r"\b(?:([Aa])n)?[Oo]ther ")
_A_BEFORE_VOWEL = re.compile(r"\b([Aa]) (?=[aeiou])")
_AN_BEFORE_CONSONANT = re.compile(r"\b([Aa])n (?=[b-df-hj-np-tv-z])")


@dataclass(frozen=True, slots=True)
class Wording:
    """One wording of a template, taken apart once so that filling it is quick.

    Attributes:
        parts: (optional, text) in reading order; a slot `<Z2>` stands in the text as `%(<Z2>)s`.
        says_other: whether it has the words "other" or "another".
    """

    parts: tuple[tuple[bool, str], ...]
    says_other: bool


def parse_wording(text: str, slots: Collection[str], where: str) -> Wording:
    """Take a wording apart.

    Args:
        text: the sentence as in the template file.
        slots: the template's parameters.
        where: what to call the sentence in an error.

    Raises:
        DataError: an unknown slot, or brackets that do not match.

    Example:
        >>> parse_wording("Is a <S> [that is] visible?", ["<S>"], "example").parts
        ((False, 'Is a %(<S>)s '), (True, 'that is'), (False, ' visible?'))
    """
    for slot in _SLOT.findall(text):
        if slot not in slots:
            raise DataError(
                f"{where}: {text!r} has the slot {slot}, which is not among params ({', '.join(slots)})."
            )
    parts = []
    for piece in _OPTIONAL.split(text):
        optional = piece.startswith("[") and piece.endswith("]")
        words = piece[1:-1] if optional else piece
        if any(mark in _SLOT.sub("", words) for mark in "[]<>"):
            raise DataError(f"{where}: {text!r} has brackets that do not match.")
        if words:
            parts.append((optional, _SLOT.sub(r"%(\g<0>)s", words.replace("%", "%%"))))
    return Wording(tuple(parts), says_other=_OTHER.search(text.lower()) is not None)


def say(wording: Wording, words: Mapping[str, str], rng: Random, *, drop_other: bool = False) -> str:
    """Fill the slots of a wording.

    Args:
        wording: from `parse_wording`.
        words: slot to what it says, "" where it says nothing.
        rng: tosses for the optional parts.
        drop_other: say "a cube" for "another cube" and "the cube" for "the other cube".

    Returns:
        The sentence: single blanks, no blank before a mark, and "a" or "an" as the next letter asks for.

    Example:
        >>> wording = parse_wording("There is a <C> <S>; is it another <C> ball?", ["<C>", "<S>"], "example")
        >>> say(wording, {"<C>": "", "<S>": "object"}, Random(0), drop_other=True)
        'There is an object; is it a ball?'
    """
    kept = [text for optional, text in wording.parts if not optional or rng.random() < 0.5]
    sentence = _SPACES.sub(" ", "".join(kept) % words).strip()
    if drop_other and wording.says_other:
        sentence = _OTHER.sub(lambda match: f"{match[1]} " if match[1] else "", sentence)
        sentence = sentence[:1].upper() + sentence[1:]
    sentence = _SPACE_BEFORE_MARK.sub("", sentence)
    return _AN_BEFORE_CONSONANT.sub(r"\1 ", _A_BEFORE_VOWEL.sub(r"\1n ", sentence))


def is_surely_another(first: Mapping[str, str | None], second: Mapping[str, str | None]) -> bool:
    """Whether two descriptions can never fit the same object, because an attribute told by both differs.

    "The cube and the other ball" is no English: the ball cannot be the cube anyway. An attribute that is not
    told excludes nothing, so "the cube and the other thing" stays. (CLEVR's generator takes an untold shape
    for a shape of its own and drops "other" there as well.)

    Args:
        first: attribute to its word, None where it is not told.
        second: the same of the other description.

    Example:
        >>> is_surely_another({"color": "red", "shape": None}, {"color": "blue", "shape": "cube"})
        True
        >>> is_surely_another({"color": None, "shape": "cube"}, {"color": "blue", "shape": None})
        False
    """
    return any(word and second.get(name) and word != second[name] for name, word in first.items())
