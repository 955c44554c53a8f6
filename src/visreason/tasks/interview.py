"""Further questions asked of a model about the images of its samples: in words, or of an engine as programs."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from visreason.clevr.programs import Program
from visreason.clevr.questions.phrasing import Phraser
from visreason.data.dataset import ClevrQuestions
from visreason.data.samples import Sample
from visreason.errors import VocabularyError
from visreason.models import ModelFile
from visreason.tasks.abilities import vocabulary_of
from visreason.tasks.loader import Collate
from visreason.tasks.measuring import measure
from visreason.tasks.starting_weights import engine_of
from visreason.tasks.tallies import AnswerWords
from visreason.tasks.team import Team

_TRIES = 24
"""So many sentences are tried before a program counts as one that the model has no words for."""


@dataclass(frozen=True, slots=True)
class Inquiry:
    """A further question.

    Attributes:
        row: a sample about the image that it is about.
        program: what it asks.
        text: how it is asked in words; None leaves that to the interview.
    """

    row: int
    program: Program
    text: str | None = None


class Respondent(Protocol):
    """Whoever answers further questions: a model through an `Interview`."""

    @property
    def in_programs(self) -> bool:
        """Whether it is asked by programs, not in words."""

    def words(self, program: Program) -> str | None:
        """A sentence for a program in words that it knows; None where there is none."""

    def other_words(self, program: Program, text: str, count: int) -> list[str]:
        """Up to `count` other sentences for the program of a question."""

    def answers(self, inquiries: Sequence[Inquiry]) -> list[str | None]:
        """What it answers to each; None where it cannot be asked."""


class Interview:
    """Asks one model as many questions as one likes about the images of its samples.

    A model that executes programs is given the program itself, the true one, whatever it would write; any other is
    asked in the words of the question engine, as far as it knows them.

    Args:
        model: answers questions; it is moved to the team's device, or to a GPU where there is one.
        samples: show the model the images.
        to_batch: makes a batch of samples.
        console: where progress is shown.
        batch_size: questions at once.
        workers: processes that load images.
        team: the processes that share the work; None is this one alone.
    """

    def __init__(
        self,
        model: ModelFile,
        samples: ClevrQuestions,
        to_batch: Collate,
        console: Console,
        *,
        batch_size: int = 64,
        workers: int = 0,
        team: Team | None = None,
    ) -> None:
        self._samples, self._to_batch, self._console = samples, to_batch, console
        self._batch_size, self._workers, self._team = batch_size, workers, team
        self._engine = engine_of(model.model)
        self._network = self._engine or model.model
        self._vocabulary = vocabulary_of(model)
        self._phraser = Phraser()
        self._phrase = cache(self._find_words)

    @property
    def in_programs(self) -> bool:
        """Whether the model is asked by programs, not in words."""
        return self._engine is not None

    def words(self, program: Program) -> str | None:
        """A sentence for a program in words that the model knows; None where there is none."""
        return next(iter(self._phrase(program)), None)

    def other_words(self, program: Program, text: str, count: int) -> list[str]:
        """Up to `count` other sentences for the program of a question."""
        said = self._vocabulary.tokenise(text)
        others = (one for one in self._phrase(program) if self._vocabulary.tokenise(one) != said)
        return list(islice(others, count))

    def answers(self, inquiries: Sequence[Inquiry]) -> list[str | None]:
        """What the model answers to each; None where it cannot be asked."""
        images = self._samples.image_numbers
        order: dict[tuple[int, tuple[int, ...]], Inquiry] = {}
        keys: list[tuple[int, tuple[int, ...]] | None] = []
        for one in inquiries:
            numbers = self._encode(one)
            key = None if numbers is None else (int(images[one.row]), numbers)
            keys.append(key)
            if key is not None:
                order.setdefault(key, one)
        waiting = sorted(order)  # those of one image follow one another, so that it is loaded once
        asked = _Inquiries(
            self._samples, [(order[key].row, key[1]) for key in waiting], programs=self.in_programs
        )
        said = dict(zip(waiting, self._run(asked), strict=True))
        return [None if key is None else said[key] for key in keys]

    def _run(self, asked: "_Inquiries") -> list[str]:
        words = AnswerWords(self._vocabulary.answers)
        measure(
            self._network,
            asked,
            self._to_batch,
            words,
            self._console,
            doing="asking why",
            batch_size=self._batch_size,
            workers=self._workers,
            team=self._team,
        )
        return words.said

    def _encode(self, one: Inquiry) -> tuple[int, ...] | None:
        """An inquiry as the numbers that the model reads."""
        if self.in_programs:
            with suppress(VocabularyError):
                return tuple(self._vocabulary.encode_program(one.program))
            return None
        text = one.text or self.words(one.program)
        return None if text is None else tuple(self._vocabulary.encode(text))

    def _find_words(self, program: Program) -> tuple[str, ...]:
        """Sentences for a program in words that the model knows."""
        found = []
        for text in islice(self._phraser.phrasings(program), _TRIES):
            try:
                self._vocabulary.encode(text)
            except VocabularyError:
                continue
            found.append(text)
        return tuple(found)


class _Inquiries(Sequence[Sample]):
    """Inquiries as samples: the images of others, with words or programs of their own."""

    def __init__(
        self, samples: ClevrQuestions, asked: Sequence[tuple[int, tuple[int, ...]]], *, programs: bool
    ) -> None:
        self._samples, self._asked, self._programs = samples, asked, programs

    def __len__(self) -> int:
        """The number of inquiries."""
        return len(self._asked)

    def __getitem__(self, place: int) -> Sample:  # type: ignore[override]
        """The inquiry of one place."""
        row, numbers = self._asked[place]
        shown = self._samples.sample(row)
        if self._programs:
            program: NDArray[np.uint8] = np.array(numbers, np.uint8)
            return replace(shown, program=program, layout=None)
        return replace(shown, words=np.array(numbers, np.uint16), program=None, layout=None)
