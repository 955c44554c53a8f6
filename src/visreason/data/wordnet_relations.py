"""How classes are related by their names and by WordNet: kinds, parts, likeness, plurals, left and right.

The types of edges are those of the graph of Chen et al. (CVPR 2018): is-kind-of, part-of, plural form, left-right, each
with its inverse, and similarity.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from visreason.data.knowledge import Pairs, with_inverse
from visreason.data.regions.dataset import other_side
from visreason.data.wordnet import WordNet, singulars

ALIKE = 0.85
"""The least likeness of Wu and Palmer that makes an edge."""

MOST_ALIKE = 10
"""Edges of likeness at most from each class."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a class stands in WordNet.

    Attributes:
        synset: its meaning; or, of a class of several words that WordNet does not know, that of its last words.
        exact: False in that other case: the class is then a kind of `synset`.
    """

    synset: int
    exact: bool


def find_places(classes: Sequence[str], wordnet: WordNet) -> dict[str, Place]:
    """The meaning of each class that has one.

    Of several meanings those are taken which most of the names of the class have (those between commas); of these the
    one that `WordNet.likeliest` picks.

    Args:
        classes: names, the background first.
        wordnet: the nouns.
    """
    found = {}
    for name in classes[1:]:
        place = _place(name, wordnet)
        if place is not None:
            found[name] = place
    return found


def _place(name: str, wordnet: WordNet) -> Place | None:
    """Where a class stands; None where no noun is known that it ends with."""
    senses = _best(
        [wordnet.senses(one) for one in name.replace("_", " ").split(",")] + [wordnet.senses(name)]
    )
    if senses:
        return Place(wordnet.likeliest(senses), exact=True)
    words = name.replace("_", " ").partition(",")[0].split()
    for first in range(1, len(words)):
        if tail := wordnet.senses(" ".join(words[first:])):
            return Place(wordnet.likeliest(tail), exact=False)
    return None


def _best(each: list[tuple[int, ...]]) -> list[int]:
    """The senses that most names have, in the order of the first name that has any."""
    order = list(dict.fromkeys(sense for senses in each for sense in senses))
    votes = {sense: sum(sense in senses for senses in each) for sense in order}
    return [sense for sense in order if votes[sense] == max(votes.values())]


def name_relations(
    classes: Sequence[str], irregular: Mapping[str, tuple[str, ...]] | None = None
) -> dict[str, Pairs]:
    """What the names alone tell: plurals, and the left and right of a pair.

    Args:
        classes: names, the background first.
        irregular: the singulars of irregular plurals.

    Example:
        >>> told = name_relations(["-", "book", "books", "left arm", "right arm"])
        >>> told["plural of"], told["left to right"]
        ({('books', 'book'): 1.0}, {('left arm', 'right arm'): 1.0})
    """
    known = set(classes[1:])
    plurals = {}
    for name in classes[1:]:
        *first, last = name.replace("_", " ").split(" ")
        for singular in singulars(last.lower(), dict(irregular or {})):
            for other in (" ".join([*first, singular]), "_".join([*first, singular])):
                if other in known and other != name:
                    plurals[name, other] = 1.0
    sides = {}
    for name in classes[1:]:
        partner = other_side(name)
        if name.startswith("left") and partner is not None and partner in known:
            sides[name, partner] = 1.0
    return with_inverse("plural of", plurals) | with_inverse("left to right", sides)


def wordnet_relations(places: Mapping[str, Place], wordnet: WordNet) -> dict[str, Pairs]:
    """What WordNet tells of classes.

    *is a*: from a class to the nearest classes that WordNet has over it. *part of*: from a class to those that have it
    for a part, themselves or as what they are a kind of. *similar to*: both are of one synset (weight 1), or their
    likeness 2 d(a ∧ b) / (d(a) + d(b)) of Wu and Palmer (1994) is 0.85 or more and neither is over the other.

    Args:
        places: see `find_places`.
        wordnet: the nouns.
    """
    return (
        with_inverse("is a", _kinds(places, wordnet))
        | with_inverse("part of", _parts(places, wordnet))
        | {"similar to": _alike(places, wordnet)}
    )


def _at(places: Mapping[str, Place]) -> dict[int, list[str]]:
    """The classes that are exactly each synset."""
    found: dict[int, list[str]] = {}
    for name, place in places.items():
        if place.exact:
            found.setdefault(place.synset, []).append(name)
    return found


def _kinds(places: Mapping[str, Place], wordnet: WordNet) -> Pairs:
    """Edges to the nearest classes above, along every way up."""
    classes_at = _at(places)
    pairs = {}
    for name, place in places.items():
        left = list(wordnet.synset(place.synset).kinds_of) if place.exact else [place.synset]
        seen: set[int] = set()
        while left:
            one = left.pop()
            if one in seen:
                continue
            seen.add(one)
            pairs.update({(name, other): 1.0 for other in classes_at.get(one, ())})
            if one not in classes_at:
                left.extend(wordnet.synset(one).kinds_of)
    return pairs


def _parts(places: Mapping[str, Place], wordnet: WordNet) -> Pairs:
    """Edges from parts to wholes."""
    classes_at = _at(places)
    return {
        (part, whole): 1.0
        for whole, place in places.items()
        for above in wordnet.ancestors(place.synset)
        for number in wordnet.synset(above).parts
        for part in classes_at.get(number, ())
        if part != whole
    }


def _alike(places: Mapping[str, Place], wordnet: WordNet) -> Pairs:
    """Edges between classes that are alike, both ways; the strongest of each class."""
    names = list(places)
    under: dict[int, list[int]] = {}
    for row, name in enumerate(names):
        for above in wordnet.ancestors(places[name].synset):
            under.setdefault(above, []).append(row)
    # one more than the synsets above: the root counts too, and so does a class that is a kind of its synset
    depth = np.array([wordnet.depth(one.synset) + (1 if one.exact else 2) for one in places.values()])
    shared = np.zeros((len(names),) * 2)
    for above, rows in under.items():
        cells = np.ix_(rows, rows)
        shared[cells] = np.maximum(shared[cells], wordnet.depth(above) + 1)
    likeness = 2 * shared / np.maximum(depth[:, None] + depth[None], 1)
    over = np.zeros(shared.shape, bool)
    for row, name in enumerate(names):
        if places[name].exact:
            over[row, under[places[name].synset]] = True
    one = np.array([place.synset if place.exact else -1 - row for row, place in enumerate(places.values())])
    same = one[:, None] == one[None]
    likeness[(over | over.T) & ~same] = 0.0
    np.fill_diagonal(likeness, 0.0)
    pairs = {}
    for row, values in enumerate(likeness):
        best = np.argsort(-values, kind="stable")[:MOST_ALIKE]
        for column in best[values[best] >= ALIKE]:
            pairs[names[row], names[column]] = float(values[column])
    return pairs
