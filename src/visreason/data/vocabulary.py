"""Words and answers with their numbers; nothing unknown is ever mapped silently."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Any, Literal, Self

import orjson

from visreason.clevr.answers import ANSWERS
from visreason.clevr.functions import ANSWER_TYPES, FUNCTIONS, TOKENS, Type
from visreason.clevr.program_forms import ARITIES, FORMS
from visreason.clevr.programs import Program
from visreason.data.tokens import END_WORD, START_WORD, TOKENISERS, UNKNOWN_WORD, tokenise
from visreason.errors import DataError, VocabularyError
from visreason.nn.functions import FIRST_FUNCTION
from visreason.sort_of_clevr.questions import ANSWERS as FLAT_ANSWERS
from visreason.sort_of_clevr.questions import FLAT_QUESTIONS

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


_LISTED = 40
"""Known answers that an error lists; of more it names the nearest."""

_KEPT = ("<NULL>", START_WORD, END_WORD, UNKNOWN_WORD)
"""The four symbols with which each table of clevr-iep begins."""

_IEP_TABLES = ("question_token_to_idx", "program_token_to_idx", "answer_token_to_idx")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words a model reads, the answers it can give, and the functions of its programs.

    Attributes:
        words: `words[0]` has index 1; index 0 is padding.
        answers: `answers[0]` is class 0.
        functions: tokens of `visreason.clevr.program_forms.ARITIES`; `functions[0]` has the number `FIRST_FUNCTION`.
        tokeniser: how questions are split, a name in `visreason.data.tokens.TOKENISERS`.

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
    functions: tuple[str, ...] = field(default=TOKENS, repr=False)
    tokeniser: Literal["clevr", "iep"] = "clevr"
    _word_index: dict[str, int] = field(init=False, repr=False, compare=False)
    _answer_index: dict[str, int] = field(init=False, repr=False, compare=False)
    _function_index: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for kind, entries in (("word", self.words), ("answer", self.answers), ("function", self.functions)):
            if len(set(entries)) != len(entries):
                twice = next(entry for entry in entries if entries.count(entry) > 1)
                raise VocabularyError(
                    f"the vocabulary holds the {kind} {twice!r} twice; each must have one number."
                )
        strange = [name for name in self.functions if name not in ARITIES]
        if strange:
            raise VocabularyError(
                f"the vocabulary holds {strange[0]!r}, which is no function of CLEVR"
                f"{_nearest(strange[0], tuple(ARITIES))}."
            )
        numbered = (
            ("_word_index", self.words, PADDING + 1),
            ("_answer_index", self.answers, 0),
            ("_function_index", self.functions, FIRST_FUNCTION),
        )
        for name, entries, first in numbered:
            object.__setattr__(self, name, {entry: index for index, entry in enumerate(entries, first)})

    @property
    def arities(self) -> tuple[int, ...]:
        """How many inputs each of the functions reads."""
        return tuple(ARITIES[name] for name in self.functions)

    @property
    def types(self) -> dict[str, Any]:
        """What each function reads (`input_types`) and gives (`output_types`), and in what programs may end
        (`answer_types`): what a generator's grammar is made of."""
        signatures = [FUNCTIONS[name.split("[")[0]] for name in self.functions]
        outputs = tuple(str(each.output) for each in signatures)
        return {
            "input_types": tuple(tuple(map(str, each.inputs)) for each in signatures),
            "output_types": outputs,
            "answer_types": tuple(str(kind) for kind in sorted(ANSWER_TYPES) if str(kind) in outputs),
        }

    @property
    def gives_objects(self) -> tuple[bool, ...]:
        """Of every function, whether it gives objects: a set of them or one."""
        outputs = (FUNCTIONS[name.split("[")[0]].output for name in self.functions)
        return tuple(output in (Type.OBJECT, Type.OBJECT_SET) for output in outputs)

    @property
    def symbols(self) -> tuple[str, ...]:
        """What a program's numbers stand for: the four kept symbols and the functions."""
        return (*_KEPT, *self.functions)

    def tokenise(self, text: str) -> list[str]:
        """The words of a question as this vocabulary splits it."""
        return TOKENISERS[self.tokeniser](text)

    def encode(self, text: str, where: str = "the question", *, allow_unknown: bool = False) -> list[int]:
        """Return the word indices (from 1) of a question, in reading order.

        Args:
            text: the question.
            where: what to call it in an error.
            allow_unknown: give an unknown word the number of `<UNK>`, which vocabularies of clevr-iep hold.

        Raises:
            DataError: the question is empty.
            VocabularyError: a word is unknown; names `where`, the word, the nearest known words and the
                question.
        """
        if not text.strip():
            raise DataError(f"{where} is empty: {text!r}. A question needs at least one word.")
        words, index = self.tokenise(text), self._word_index
        if allow_unknown and UNKNOWN_WORD in index:
            return [index.get(word, index[UNKNOWN_WORD]) for word in words]
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
            few = len(self.answers) <= _LISTED
            known = f" ({', '.join(self.answers)})" if few else _nearest(answer, self.answers)
            raise VocabularyError(
                f"{where}: the answer {answer!r} is not among the {len(self.answers)} known answers{known}."
            ) from None

    def decode(self, indices: Iterable[int]) -> list[str]:
        """Return the words of `indices`, leaving out padding.

        Example:
            >>> Vocabulary(("is", "it"), ("yes",)).decode([1, 2, 0, 0])
            ['is', 'it']
        """
        return [self.words[index - 1] for index in indices if index != PADDING]

    def encode_program(
        self,
        program: Program,
        where: str = "the program",
        form: Literal["prefix", "postfix", "chain"] = "prefix",
    ) -> list[int]:
        """Return the numbers (from `FIRST_FUNCTION`) of a program's functions, in prefix order or another form.

        Raises:
            VocabularyError: a function is not in the vocabulary; names `where` and the function.
            ProgramError: it is too long when written out, or no chain where one is asked for.

        Example:
            >>> from visreason.clevr.program_forms import from_prefix
            >>> CLEVR_VOCABULARY.encode_program(from_prefix(["count", "scene"]))
            [4, 41]
        """
        index = self._function_index
        try:
            return [index[name] for name in FORMS[form](program, where)]
        except KeyError as error:
            name = str(error.args[0])
            raise VocabularyError(
                f"{where}: the function {name!r} is not among the {len(self.functions)} known functions"
                f"{_nearest(name, self.functions)}."
            ) from None

    def decode_program(self, numbers: Iterable[int]) -> tuple[str, ...]:
        """Return the functions of `numbers`, leaving out the kept symbols (padding, start, end, unknown).

        Example:
            >>> CLEVR_VOCABULARY.decode_program([1, 4, 41, 2, 0, 0])
            ('count', 'scene')
        """
        return tuple(
            self.functions[number - FIRST_FUNCTION] for number in numbers if number >= FIRST_FUNCTION
        )

    def expanded(self, texts: Iterable[str], at_least: int = 1) -> Self:
        """The same vocabulary with what else the questions say appended in alphabetical order.

        No number changes, so a trained embedding only grows: how clevr-iep goes from CLEVR to human questions.

        Args:
            texts: questions.
            at_least: append only words that occur so often.

        Example:
            >>> Vocabulary(("is", "it"), ("yes",)).expanded(["is it new?", "is a new one?"], at_least=2).words
            ('is', 'it', '?', 'new')
        """
        counts = Counter(word for text in texts for word in self.tokenise(text))
        new = sorted(
            word for word, count in counts.items() if count >= at_least and word not in self._word_index
        )
        return replace(self, words=(*self.words, *new))

    @classmethod
    def from_questions(cls, pairs: Iterable[tuple[str, str | None]]) -> Self:
        """Build a vocabulary from (question, answer) pairs, numbering in order of first occurrence.

        On CLEVR v1.0's training questions this gives the numbers of the Relation Networks reference.

        Example:
            >>> found = Vocabulary.from_questions([("Is it red?", "no"), ("Is it big?", "yes")])
            >>> found.words, found.answers
            (('is', 'it', 'red', '?', 'big'), ('no', 'yes'))
        """
        words: dict[str, None] = {}
        answers: dict[str, None] = {}
        for question, answer in pairs:
            words.update(dict.fromkeys(tokenise(question)))
            if answer is not None:
                answers[answer] = None
        return cls(tuple(words), tuple(answers))

    def to_dict(self) -> dict[str, Any]:
        """Return the form stored in model files: `words`, `answers` and `functions` as lists, and `tokeniser`."""
        return {
            "words": list(self.words),
            "answers": list(self.answers),
            "functions": list(self.functions),
            "tokeniser": self.tokeniser,
        }

    @classmethod
    def from_dict(cls, record: Mapping[str, Any], where: str = "the vocabulary") -> Self:
        """Read what `to_dict` wrote (or the reference's recovered dictionaries, which have the same keys).

        Older model files tell neither functions nor tokeniser: they speak of CLEVR's.

        Raises:
            DataError: a key is missing, is no list of strings, or names no tokeniser.
            VocabularyError: an entry is there twice, or a function is unknown.
        """
        lists = {"functions": TOKENS, **record}
        for key in ("words", "answers", "functions"):
            entries = lists.get(key)
            if not isinstance(entries, list | tuple) or not all(isinstance(entry, str) for entry in entries):
                raise DataError(f'{where} needs "{key}", a list of strings; got {entries!r:.80}.')
        tokeniser = record.get("tokeniser", "clevr")
        if tokeniser not in TOKENISERS:
            raise DataError(f'{where}: "tokeniser" should be {" or ".join(TOKENISERS)}; got {tokeniser!r}.')
        words, answers, functions = (tuple(lists[key]) for key in ("words", "answers", "functions"))
        return cls(words, answers, functions, tokeniser)

    @classmethod
    def from_iep(cls, record: Any, where: str = "vocab.json") -> Self:
        """Read clevr-iep's `vocab.json`; every word, function and answer keeps its number.

        So word 0, `<NULL>`, is our padding, words begin with `<START>`, `<END>` and `<UNK>`, and the answers
        contain the four symbols too. The released file has 93 words, 44 program tokens and 32 answers.

        Raises:
            DataError: a table is missing, or its numbers are not 0, 1, 2 ... from the four symbols on.
            VocabularyError: a function is unknown.
        """
        tables = []
        for key in _IEP_TABLES:
            table = record.get(key) if isinstance(record, Mapping) else None
            if not isinstance(table, Mapping) or sorted(table.values(), key=str) != sorted(
                range(len(table)), key=str
            ):
                raise DataError(
                    f'{where} needs "{key}", a mapping of tokens to the numbers 0, 1, 2 ...; got {table!r:.80}.'
                )
            tokens = tuple(sorted(table, key=table.__getitem__))
            if tokens[:4] != _KEPT:
                raise DataError(f'{where}: "{key}" should begin with {", ".join(_KEPT)}; got {tokens[:4]}.')
            tables.append(tokens)
        words, functions, answers = tables
        try:
            return cls(words[1:], answers, functions[FIRST_FUNCTION:], "iep")
        except VocabularyError as error:
            raise VocabularyError(f"{where}: {error}") from error

    def to_iep(self) -> dict[str, dict[str, int]]:
        """The record of clevr-iep's `vocab.json`.

        Raises:
            VocabularyError: the vocabulary is not of clevr-iep's kind: it splits questions otherwise, or lacks the
                symbols.
        """
        tables = (("<NULL>", *self.words), self.symbols, self.answers)
        if self.tokeniser != "iep" or any(table[:4] != _KEPT for table in tables):
            raise VocabularyError(
                "this vocabulary is not clevr-iep's: its words and answers do not begin with the symbols "
                f"{', '.join(_KEPT)}. A vocab.json can only hold one that was made for it."
            )
        names = zip(_IEP_TABLES, tables, strict=True)
        return {key: {entry: number for number, entry in enumerate(table)} for key, table in names}

    def fingerprint(self) -> str:
        """A short checksum of words and answers, equal for equal vocabularies."""
        return hashlib.sha256(orjson.dumps(self.to_dict())).hexdigest()[:16]


def _nearest(word: str, known: tuple[str, ...]) -> str:
    """Say which known words look most like `word`, or nothing where none does."""
    close = get_close_matches(word, known, n=3)
    return f"; the nearest are {', '.join(map(repr, close))}" if close else ""


CLEVR_VOCABULARY = Vocabulary(CLEVR_WORDS, ANSWERS)
"""The vocabulary of every generated world: CLEVR's 82 words and 28 answers."""

SORT_OF_CLEVR_VOCABULARY = Vocabulary(
    tuple(sorted({word for question in FLAT_QUESTIONS for word in tokenise(question.text)})),
    FLAT_ANSWERS,
    functions=(),
)
"""The vocabulary of every Sort-of-CLEVR world: its few words and ten answers; there are no programs."""
