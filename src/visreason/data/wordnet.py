"""WordNet's nouns from its plain database files, as Debian's `wordnet-base` installs them.

`index.noun` lists the synsets of a lemma, the most frequent sense first; `data.noun` has a line for each synset, at the
byte that its number says; `noun.exc` holds irregular plurals. Fellbaum (1998); the format is that of
https://wordnet.princeton.edu/documentation/wndb5wn.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from visreason.errors import DataError

DEBIAN = Path("/usr/share/wordnet")
"""Where `apt-get install wordnet-base` puts the files."""

_ENDINGS = (
    ("ses", "s"),
    ("xes", "x"),
    ("zes", "z"),
    ("ches", "ch"),
    ("shes", "sh"),
    ("men", "man"),
    ("ies", "y"),
    ("s", ""),
)
"""WordNet's rules from a plural's ending to the singular's."""

_PERSONS = 18
"""The number of the lexicographers' file of persons."""

_THINGS = {"physical_object", "matter"}

_SYNSET_NAME = re.compile(r"(.+)\.n\.(\d+)")


@dataclass(frozen=True, slots=True)
class Synset:
    """A meaning.

    Attributes:
        number: its byte in `data.noun`.
        lemmas: the words for it, in small letters, with `_` for a space.
        kinds_of: what it is a kind of (or an instance of).
        parts: what has it for a whole: its part meronyms.
        is_role: whether it is a kind of person.
        is_name: whether it is one instance, such as a city.
    """

    number: int
    lemmas: tuple[str, ...]
    kinds_of: tuple[int, ...]
    parts: tuple[int, ...]
    is_role: bool
    is_name: bool


def singulars(word: str, irregular: dict[str, tuple[str, ...]] | None = None) -> Iterator[str]:
    """What a word may be the plural of; most of what is given is no word.

    Args:
        word: in small letters.
        irregular: the singulars of irregular plurals; these are then the only ones.

    Example:
        >>> list(singulars("benches")), list(singulars("men", {"men": ("man",)}))
        (['bench', 'benche'], ['man'])
    """
    if irregular and word in irregular:
        yield from irregular[word]
        return
    for ending, singular in _ENDINGS:
        if word.endswith(ending) and len(word) > len(ending) + 1 and not word.endswith("ss"):
            yield word[: -len(ending)] + singular


class WordNet:
    """The nouns of WordNet.

    Args:
        folder: with `data.noun` and `index.noun` (or a folder `dict` that has them), and maybe `noun.exc`.

    Raises:
        DataError: a file is missing or of another form.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "dict" if (folder / "dict" / "data.noun").is_file() else folder
        self._data = self._read("data.noun")
        self._tagged: set[int] = set()
        self._senses = dict(self._indexed())
        self.irregular: dict[str, tuple[str, ...]] = {}
        if (self.folder / "noun.exc").is_file():
            lines = self._read("noun.exc").decode("utf-8", "replace").splitlines()
            self.irregular = {words[0]: tuple(words[1:]) for words in map(str.split, lines) if len(words) > 1}
        self._synsets: dict[int, Synset] = {}

    def _read(self, name: str) -> bytes:
        try:
            return (self.folder / name).read_bytes()
        except OSError as error:
            raise DataError(
                f"{self.folder / name} cannot be read: {error.strerror or error}. Give the folder with WordNet's "
                "data.noun and index.noun (Debian: apt-get install wordnet-base)."
            ) from error

    def _indexed(self) -> Iterator[tuple[str, tuple[int, ...]]]:
        """Lemmas with their senses; the licence's lines begin with spaces."""
        lines = self._read("index.noun").decode("utf-8", "replace").splitlines()
        for row, line in enumerate(lines, start=1):
            if not line.strip() or line.startswith(" "):
                continue
            fields = line.split()
            try:  # lemma n senses pointers [pointer …] senses tagged [number …]
                senses = tuple(map(int, fields[-int(fields[2]) :]))
                self._tagged.update(senses[: int(fields[-len(senses) - 1])])
                yield fields[0], senses
            except (IndexError, ValueError) as error:
                raise DataError(
                    f"{self.folder / 'index.noun'}, line {row}: no line of WordNet's index: {line[:60]!r}."
                ) from error

    def senses(self, word: str) -> tuple[int, ...]:
        """The synsets of a word or of what it is the plural of, the most frequent first; none if it is unknown.

        Args:
            word: also several words, with spaces or `_`; or a synset's name, such as `cup.n.01`.
        """
        lemma = "_".join(word.lower().split())
        named = _SYNSET_NAME.fullmatch(lemma)
        if named:
            every = self._senses.get(named[1], ())
            return every[int(named[2]) - 1 : int(named[2])]
        return next(filter(None, map(self._of_lemma, (lemma, *singulars(lemma, self.irregular)))), ())

    def _of_lemma(self, lemma: str) -> tuple[int, ...]:
        return self._senses.get(lemma, ())

    def synset(self, number: int) -> Synset:
        """A synset by its number.

        Raises:
            DataError: there is none at that byte of `data.noun`.
        """
        if number not in self._synsets:
            self._synsets[number] = self._parse(number)
        return self._synsets[number]

    def _parse(self, number: int) -> Synset:
        """The line of `data.noun` that begins at a byte."""
        line = self._data[number : self._data.find(b"\n", number)].decode("utf-8", "replace")
        fields = line.partition(" | ")[0].split()
        try:  # number file type words(hex) [word sense]… pointers [symbol number type source]… | gloss
            if int(fields[0]) != number:
                raise ValueError("the number is another")
            words = int(fields[3], 16)
            first = 5 + 2 * words
            pointers = [
                (fields[at], int(fields[at + 1]))
                for at in range(first, first + 4 * int(fields[first - 1]), 4)
            ]
            persons = int(fields[1]) == _PERSONS
        except (IndexError, ValueError) as error:
            raise DataError(
                f"{self.folder / 'data.noun'} has no synset at byte {number}: {line[:60]!r}. Its files are of "
                "different versions, or broken."
            ) from error
        return Synset(
            number,
            tuple(word.lower() for word in fields[4 : 4 + 2 * words : 2]),
            tuple(other for symbol, other in pointers if symbol in ("@", "@i")),
            tuple(other for symbol, other in pointers if symbol == "%p"),
            persons,
            any(symbol == "@i" for symbol, _ in pointers),
        )

    def ancestors(self, number: int) -> frozenset[int]:
        """All that a synset is a kind of, itself among them."""
        found: set[int] = set()
        left = [number]
        while left:
            one = left.pop()
            if one not in found:
                found.add(one)
                left.extend(self.synset(one).kinds_of)
        return frozenset(found)

    def depth(self, number: int) -> int:
        """How many synsets stand over one on the shortest way up."""
        level, depth = {number}, 0
        while all(self.synset(one).kinds_of for one in level):
            level = {above for one in level for above in self.synset(one).kinds_of}
            depth += 1
        return depth

    def likeliest(self, senses: Sequence[int]) -> int:
        """Which of several senses the class of a region most likely has.

        The first that is a physical thing, but no name of one alone, and no kind of person unless that is the most
        frequent sense and is found in the tagged texts: a printer is a machine, a man is a person. Else the first.
        """
        for place, number in enumerate(senses):
            known = self.synset(number)
            common = place == 0 and number in self._tagged
            if self.is_thing(number) and not known.is_name and (common or not known.is_role):
                return number
        return next(filter(self.is_thing, senses), senses[0])

    def is_thing(self, number: int) -> bool:
        """Whether it is a physical object, or matter, such as food."""
        lemmas = (lemma for one in self.ancestors(number) for lemma in self.synset(one).lemmas)
        return not _THINGS.isdisjoint(lemmas)


@cache
def open_wordnet(folder: Path | None = None) -> WordNet | None:
    """The WordNet in a folder; None: Debian's, if it is installed.

    Raises:
        DataError: a folder is given and has none.
    """
    if folder is None:
        return WordNet(DEBIAN) if (DEBIAN / "data.noun").is_file() else None
    return WordNet(folder)
