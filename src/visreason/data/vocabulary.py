"""Words and answers with their numbers; nothing unknown is ever mapped silently."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, Self

import orjson

from visreason.clevr.answers import ANSWERS
from visreason.data.tokens import tokenise
from visreason.errors import DataError, VocabularyError

PADDING = 0
"""The index that stands for no word; the first word has index 1."""

_WORDS = """
    ; ? a an and another any anything are as ball balls behind big block blocks blue both brown color cube
    cubes cyan cylinder cylinders do does either else equal fewer front gray greater green has have how in is
    it its large left less made many material matte metal metallic more number object objects of on or other
    purple red right rubber same shape shiny side size small sphere spheres than that the there thing things
    tiny to visible what yellow
"""

CLEVR_WORDS = tuple(_WORDS.split())
"""The 82 words of CLEVR v1.0, in alphabetical order."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words a model reads and the answers it can give.

    Attributes:
        words: `words[0]` has index 1; index 0 is padding.
        answers: `answers[0]` is class 0.

    Example:
        >>> vocabulary = Vocabulary(words=("is", "it", "red", "?"), answers=("yes", "no"))
        >>> vocabulary.encode("Is it red?")
        [1, 2, 3, 4]
        >>> vocabulary.encode_answer("no")
        1
        >>> vocabulary.encode("Is it rod?", where="question 7")
        Traceback (most recent call last):
        ...
        visreason.errors.VocabularyError: question 7: the word 'rod' is not among the 4 known words; the
        nearest are 'red'. The question is: 'Is it rod?'
    """

    words: tuple[str, ...]
    answers: tuple[str, ...]
    _word_index: dict[str, int] = field(init=False, repr=False, compare=False)
    _answer_index: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for kind, entries in (("word", self.words), ("answer", self.answers)):
            if len(set(entries)) != len(entries):
                twice = next(entry for entry in entries if entries.count(entry) > 1)
                raise VocabularyError(
                    f"the vocabulary holds the {kind} {twice!r} twice; each must have one number."
                )
        object.__setattr__(
            self, "_word_index", {word: index for index, word in enumerate(self.words, start=1)}
        )
        object.__setattr__(
            self, "_answer_index", {answer: index for index, answer in enumerate(self.answers)}
        )

    def encode(self, text: str, where: str = "the question") -> list[int]:
        """Return the word indices (from 1) of a question, in reading order.

        Raises:
            DataError: the question is empty.
            VocabularyError: a word is unknown; names `where`, the word, the nearest known words and the
                question.
        """
        words = tokenise(text)
        if not words:
            raise DataError(f"{where} is empty: {text!r}. A question needs at least one word.")
        index = self._word_index
        try:
            return [index[word] for word in words]
        except KeyError as error:
            word = str(error.args[0])
            raise VocabularyError(
                f"{where}: the word {word!r} is not among the {len(self.words)} known words"
                f"{_nearest(word, self.words)}. The question is: {text!r}"
            ) from None

    def encode_answer(self, answer: str, where: str = "the question") -> int:
        """Return the class (from 0) of an answer.

        Raises:
            VocabularyError: the answer is unknown; names `where`, the answer and the known ones.
        """
        try:
            return self._answer_index[answer]
        except KeyError:
            raise VocabularyError(
                f"{where}: the answer {answer!r} is not among the {len(self.answers)} known answers "
                f"({', '.join(self.answers)})."
            ) from None

    def decode(self, indices: Iterable[int]) -> list[str]:
        """Return the words of `indices`, leaving out padding.

        Example:
            >>> Vocabulary(("is", "it"), ("yes",)).decode([1, 2, 0, 0])
            ['is', 'it']
        """
        return [self.words[index - 1] for index in indices if index != PADDING]

    @classmethod
    def from_questions(cls, pairs: Iterable[tuple[str, str | None]]) -> Self:
        """Build a vocabulary from (question, answer) pairs, numbering in order of first occurrence.

        On CLEVR v1.0's training questions this gives the numbers of the Relation Networks reference.

        Example:
            >>> Vocabulary.from_questions([("Is it red?", "no"), ("Is it big?", "yes")])
            Vocabulary(words=('is', 'it', 'red', '?', 'big'), answers=('no', 'yes'))
        """
        words: dict[str, None] = {}
        answers: dict[str, None] = {}
        for question, answer in pairs:
            words.update(dict.fromkeys(tokenise(question)))
            if answer is not None:
                answers[answer] = None
        return cls(tuple(words), tuple(answers))

    def to_dict(self) -> dict[str, list[str]]:
        """Return the form stored in model files: `{"words": [...], "answers": [...]}`."""
        return {"words": list(self.words), "answers": list(self.answers)}

    @classmethod
    def from_dict(cls, record: Mapping[str, Any], where: str = "the vocabulary") -> Self:
        """Read what `to_dict` wrote (or the reference's recovered dictionaries, which have the same keys).

        Raises:
            DataError: a key is missing or is no list of strings.
        """
        for key in ("words", "answers"):
            entries = record.get(key)
            if not isinstance(entries, list | tuple) or not all(isinstance(entry, str) for entry in entries):
                raise DataError(f'{where} needs "{key}", a list of strings; got {entries!r:.80}.')
        return cls(tuple(record["words"]), tuple(record["answers"]))

    def fingerprint(self) -> str:
        """A short checksum of words and answers, equal for equal vocabularies."""
        return hashlib.sha256(orjson.dumps(self.to_dict())).hexdigest()[:16]


def _nearest(word: str, known: tuple[str, ...]) -> str:
    """Say which known words look most like `word`, or nothing where none does."""
    close = get_close_matches(word, known, n=3)
    return f"; the nearest are {', '.join(map(repr, close))}" if close else ""


CLEVR_VOCABULARY = Vocabulary(CLEVR_WORDS, ANSWERS)
"""The vocabulary of every generated world: CLEVR's 82 words and 28 answers."""
