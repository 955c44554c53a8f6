"""A vector for each class: from word vectors that the user has, or made of the names and the graph, with no download.

Shape legend: K classes with the background, D numbers of a vector.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from visreason.data.knowledge import Pairs
from visreason.errors import DataError

Vectors = NDArray[np.float32]

SIZE = 300
"""D of the vectors that are made here: as many as fastText's have."""

_SHORTEST, _LONGEST = 3, 6
_PLACES = 4
"""Numbers of a vector that each n-gram adds to or takes from."""

_ROUNDS = 10


def words_of(name: str) -> list[str]:
    """The words of a class's name, in small letters.

    Example:
        >>> words_of("left_Arm"), words_of("fire_hydrant.n.01"), words_of("car, auto")
        (['left', 'arm'], ['fire', 'hydrant'], ['car', 'auto'])
    """
    return re.findall(r"[^\W_]+", re.sub(r"\.[nvars]\.\d+$", "", name.lower()))


def hashed_vectors(classes: Sequence[str], size: int = SIZE) -> Vectors:
    """Vectors of length 1 made of the names alone, `[K, D]`: those of names that share letters are alike.

    A word is the sum of its n-grams of 3 to 6 letters, `<` and `>` at its ends, as in fastText (Bojanowski et al.,
    2017); an n-gram is a sparse vector of signs at places that its hash decides. A class is the mean of its words.

    Args:
        classes: names, the background first.
        size: D.

    Example:
        >>> vectors = hashed_vectors(["-", "bookshelf", "book", "tree"])
        >>> likeness = vectors @ vectors.T
        >>> bool(likeness[1, 2] > likeness[1, 3])
        True
    """
    vectors = np.zeros((len(classes), size), np.float32)
    for row, name in enumerate(classes[1:], start=1):
        for word in words_of(name) or [name]:
            own = np.zeros(size, np.float32)
            for gram in _grams(word):
                digest = blake2b(gram.encode(), digest_size=4 * _PLACES).digest()
                for code in np.frombuffer(digest, "<u4").tolist():
                    own[(code >> 1) % size] += 1.0 if code & 1 else -1.0
            vectors[row] += own / max(float(np.linalg.norm(own)), 1e-12)
    return _unit(vectors)


def _grams(word: str) -> Iterable[str]:
    """The word itself and its n-grams."""
    marked = f"<{word}>"
    yield marked
    for length in range(_SHORTEST, _LONGEST + 1):
        for start in range(len(marked) - length + 1):
            yield marked[start : start + length]


def _unit(vectors: Vectors) -> Vectors:
    """Rows of length 1; rows of zeros stay."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-12), np.float32)


def retrofit(vectors: Vectors, classes: Sequence[str], relations: Mapping[str, Pairs]) -> Vectors:
    """Draw the vectors of related classes together, `[K, D]`; lengths are 1 afterwards.

    ```
    q_i ← (q̂_i + Σ_j β_ij q_j) / 2,   ten times;   β_ij: the share of i's edges, of all relations alike, that lead to j
    ```

    Faruqui et al. (NAACL 2015), https://doi.org/10.3115/v1/N15-1184. A class without an edge keeps its vector.

    Args:
        vectors: q̂, `[K, D]`.
        classes: names.
        relations: the edges.
    """
    numbers = {name: number for number, name in enumerate(classes)}
    pull = np.zeros((len(classes),) * 2, np.float32)
    for pairs in relations.values():
        table = np.zeros_like(pull)
        for (start, end), weight in pairs.items():
            table[numbers[start], numbers[end]] = weight
        pull += table / np.maximum(table.sum(axis=1, keepdims=True), 1e-12)
    total = pull.sum(axis=1, keepdims=True)
    pull /= np.maximum(total, 1e-12)
    drawn = vectors
    for _ in range(_ROUNDS):
        drawn = np.where(total > 0, (vectors + pull @ drawn) / 2, vectors)
    return _unit(drawn)


def file_vectors(path: Path, classes: Sequence[str]) -> tuple[Vectors, tuple[str, ...]]:
    """Vectors from a file of word vectors, `[K, D]`, and the classes that had no word in it.

    A class is the file's own vector of its name (with `_` for spaces), else the mean of those of its words that are
    there. A class without any gets a hashed vector (`hashed_vectors`) of the others' mean length. The file is text: a
    word and D numbers a line, as fastText (whose first line is two numbers), word2vec and GloVe write it.

    Args:
        path: the file.
        classes: names, the background first.

    Raises:
        DataError: the file is missing or not of this form (names the line), or knows none of the classes.
    """
    wanted = {word for name in classes[1:] for word in (*words_of(name), "_".join(words_of(name)))}
    known, size = _read_vectors(path, wanted)
    found = {name: vector for name in classes[1:] if (vector := _mean(name, known)) is not None}
    if not found:
        raise DataError(
            f"{path} has a vector for none of the {len(classes) - 1} classes; is it of another language?"
        )
    length = float(np.mean([np.linalg.norm(vector) for vector in found.values()]))
    vectors = hashed_vectors(classes, size) * length
    for row, name in enumerate(classes):
        if name in found:
            vectors[row] = found[name]
    return vectors, tuple(name for name in classes[1:] if name not in found)


def _mean(name: str, known: Mapping[str, Vectors]) -> Vectors | None:
    """A class's vector."""
    words = words_of(name)
    if (whole := "_".join(words)) in known:
        return known[whole]
    there = [known[word] for word in words if word in known]
    return np.mean(there, axis=0) if there else None


def _read_vectors(path: Path, wanted: set[str]) -> tuple[dict[str, Vectors], int]:
    """The vectors of some words, and their size; the small-letter form of a word counts where the file has both."""
    known: dict[str, Vectors] = {}
    size = 0
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            for row, line in enumerate(file, start=1):
                fields = line.rstrip().split(" ")
                if row == 1 and len(fields) == 2 and all(field.isdecimal() for field in fields):
                    continue
                size = size or len(fields) - 1
                word = fields[0].lower()
                if word not in wanted or (word in known and word != fields[0]):
                    continue
                try:
                    vector = np.array(fields[1:], np.float32)
                except ValueError as error:
                    raise DataError(
                        f"{path}, line {row}: {error}; a word and {size} numbers are expected."
                    ) from error
                if len(vector) != size or size < 1 or not np.isfinite(vector).all():
                    raise DataError(f"{path}, line {row}: a word and {max(size, 1)} numbers are expected.")
                known[word] = vector
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}.") from error
    return known, size
