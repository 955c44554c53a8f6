"""Referring expressions with what the model sees, alone and beside questions."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from visreason.clevr.folder import ClevrFolder
from visreason.clevr.referring_file import iter_expressions
from visreason.data.dataset import ClevrQuestions, ClevrSamples, check_limit, subjects_of
from visreason.data.expression_table import open_expression_table
from visreason.data.inputs import View
from visreason.data.layout_rows import LayoutRows, fit_layout
from visreason.data.referents import Referents
from visreason.data.samples import Sample
from visreason.data.vocabulary import Vocabulary
from visreason.errors import VocabularyError
from visreason.nn.batch import Batch

_APART = 1 << 40
"""Added to what an expression is about where questions may be about something else of the same number."""


class ClevrExpressions(ClevrSamples):
    """The referring expressions of one split of a data folder, in file order.

    The images are the questions' own, or those of CLEVR-Ref in `images/loc_SPLIT`, as their names say.

    Args:
        folder: in CLEVR v1.0 layout.
        split: such as `"train"`.
        vocabulary: numbers words and the programs' functions.
        view: what the model sees.
        limit: only so many expressions, from the start of the file.
        seed: of the augmentation.
        share: batches hold the image of several expressions once.
        layout_steps: give the samples their true layouts for a network of so many steps, cut where they are longer;
            None does not.
        referents: give the samples the objects that the steps of their layouts stand for.

    Raises:
        DataError: a file is missing or broken, a scene or image is not there; names the expression.
        VocabularyError: a word or function is unknown.
        UsageError: the limit is below 1.
    """

    def __init__(
        self,
        folder: ClevrFolder,
        split: str,
        vocabulary: Vocabulary,
        view: View,
        *,
        limit: int | None = None,
        seed: int = 0,
        share: bool = True,
        layout_steps: int | None = None,
        referents: bool = False,
    ) -> None:
        super().__init__(view, seed)
        check_limit(limit)
        self.share, self.layout_steps = share, layout_steps
        self._layouts = LayoutRows(vocabulary)
        self.table = open_expression_table(folder.referring_file(split), vocabulary)
        self._count = len(self.table) if limit is None else min(limit, len(self.table))
        subjects = subjects_of(self.table, self._count, self.name)
        self._own_images = any(name.startswith("CLEVR_loc_") for name in subjects.images)
        shown = f"loc_{split}" if self._own_images else split
        view.check(folder, shown, subjects)
        self._referents = Referents(folder, shown, vocabulary, layout_steps) if referents else None

    def __len__(self) -> int:
        """The number of expressions."""
        return self._count

    def name(self, row: int) -> str:
        """The expression by its number in the file."""
        return f"expression {self.table.index_Q[row]}"

    @property
    def image_numbers(self) -> NDArray[np.int64]:
        """Which of the table's images each expression is about."""
        return self.table.image_Q[: self._count]

    @property
    def frame(self) -> tuple[int, int]:
        """Height and width of the images that boxes are given in."""
        return self.table.frame

    def layout(self, row: int) -> NDArray[np.uint8] | None:
        """The modules of one expression's true layout, however many; None where its program is not told."""
        return self._layouts(self.table.program(row), self.name(row))

    def sample(self, row: int) -> Sample:
        """The expression of one row."""
        image_index = int(self.table.image_index_Q[row])
        shared = self.share and not self._own_images
        program, sets, places = self.table.program(row), None, None
        if self._referents is not None and len(program):
            sets = self._referents.sets(image_index, program, self.name(row))
            places = self._referents.places(image_index)
        return Sample(
            words=self.table.words(row),
            seen=self.see(row, self.table.image(row), image_index),
            answer=-1,
            row=row,
            image_index=image_index,
            subject=image_index if shared else _APART + (image_index if self.share else row),
            referents=sets,
            places=places,
            layout=fit_layout(self.layout(row), self.layout_steps),
            box=np.array(self.table.box_Q4[row]),
        )


class QuestionsAndExpressions(Sequence[Sample]):
    """Questions and then expressions, or only one of the two: what a network is measured on.

    Args:
        questions: None where there are none.
        expressions: None where there are none.
    """

    def __init__(self, questions: ClevrQuestions | None, expressions: ClevrExpressions | None) -> None:
        self.questions, self.expressions = questions, expressions
        self._asked = 0 if questions is None else len(questions)

    def __len__(self) -> int:
        """The number of questions and expressions."""
        return self._asked + (0 if self.expressions is None else len(self.expressions))

    def __getitem__(self, row: Any) -> Any:
        """The sample of one row."""
        if self.questions is not None and row < self._asked:
            return self.questions[row]
        if self.expressions is None:
            raise IndexError(row)
        return self.expressions[row - self._asked]


class Pairs(Sequence[tuple[Sample, Sample]]):
    """A question with an expression: what a network that does both is trained on.

    Of the two, what there is less of goes round again.

    Args:
        questions: of an epoch.
        expressions: of that epoch.
        partner_P: which expression each pair has, `[pairs]`; pair p has question p, counted round.
    """

    def __init__(
        self, questions: ClevrQuestions, expressions: ClevrExpressions, partner_P: NDArray[np.int64]
    ) -> None:
        self.questions, self.expressions, self._partner_P = questions, expressions, partner_P

    def __len__(self) -> int:
        """The number of pairs."""
        return len(self._partner_P)

    def __getitem__(self, row: Any) -> Any:
        """The pair of one row."""
        if not 0 <= row < len(self):
            raise IndexError(row)
        return self.questions[row % len(self.questions)], self.expressions[int(self._partner_P[row])]


class PairCollate:
    """Collates pairs, or single samples, into one batch: questions first, then expressions.

    Args:
        collate: makes a batch of samples.
    """

    def __init__(self, collate: Callable[[list[Any]], Batch]) -> None:
        self.collate = collate

    def __call__(self, chosen: Sequence[Sample | tuple[Sample, Sample]]) -> Batch:
        """A batch of twice as many rows as there are pairs."""
        pairs = [one for one in chosen if isinstance(one, tuple)]
        alone = [one for one in chosen if not isinstance(one, tuple)]
        return self.collate([*(one for one, _ in pairs), *(other for _, other in pairs), *alone])


def with_expression_words(vocabulary: Vocabulary, path: Path) -> Vocabulary:
    """A vocabulary with what else a file of expressions says appended in order of first occurrence.

    Args:
        vocabulary: of the questions; CLEVR's 82 words say all that ours and CLEVR-Ref's expressions do.
        path: a file of expressions.

    Raises:
        DataError: the file is missing or broken.
    """
    try:
        open_expression_table(path, vocabulary)
    except VocabularyError:
        new: dict[str, None] = {}
        for one in iter_expressions(path):
            new.update(dict.fromkeys(vocabulary.tokenise(one.text)))
        words = (*vocabulary.words, *(word for word in new if word not in vocabulary.words))
        return Vocabulary(words, vocabulary.answers, vocabulary.functions, vocabulary.tokeniser)
    return vocabulary
