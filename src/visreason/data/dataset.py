"""The questions and scenes of a data folder with what the model sees, sample by sample."""

import copy
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from visreason.clevr.folder import ClevrFolder
from visreason.clevr.iep_folder import IepFolder
from visreason.data.attribute_targets import AttributeTargets, read_attribute_targets
from visreason.data.expression_table import ExpressionTable
from visreason.data.hdf5 import HDF5_SUFFIXES
from visreason.data.iep_questions import check_image_rows, open_iep_questions
from visreason.data.inputs import Seen, Subjects, View
from visreason.data.layout_rows import LayoutRows, fit_layout
from visreason.data.question_table import QuestionTable, open_question_table
from visreason.data.referents import Referents
from visreason.data.samples import Sample
from visreason.data.vocabulary import PADDING, Vocabulary
from visreason.errors import DataError, UsageError


class ClevrSamples(Sequence[Sample], ABC):
    """What the data sets of CLEVR have in common: a view, and augmentation that depends on the epoch.

    What was seen last is remembered: of samples about one subject that follow one another, only the first loads.

    Args:
        view: what the model sees; it has found everything that the samples need.
        seed: of the augmentation.
    """

    def __init__(self, view: View, seed: int) -> None:
        self.view = view
        self.seed = seed
        self.epoch: int | None = None
        self._last: tuple[int, Seen] | None = None

    def at_epoch(self, epoch: int) -> Self:
        """The same samples with the augmentation of one epoch; without this call nothing is augmented."""
        other = copy.copy(self)
        other.epoch, other._last = epoch, None
        return other

    @property
    @abstractmethod
    def image_numbers(self) -> NDArray[np.int64]:
        """Which image each sample is about, `[samples]`: equal numbers, equal images."""

    @abstractmethod
    def name(self, row: int) -> str:
        """What to call a sample in an error, such as `"question 17"`."""

    @abstractmethod
    def sample(self, row: int) -> Sample:
        """The sample of one row."""

    def __getitem__(self, row: Any) -> Any:
        """The sample of one row.

        Raises:
            DataError: its image cannot be read; names the sample and the file.
        """
        if not 0 <= row < len(self):
            raise IndexError(row)
        return self.sample(int(row))

    def see(self, row: int, image: str, subject: int) -> Seen:
        """What the model sees of a sample's scene, augmented by seed, epoch and subject.

        Raises:
            DataError: as `__getitem__`.
        """
        if self._last is None or self._last[0] != subject:
            seed = None if self.epoch is None else (self.seed, self.epoch, subject)
            try:
                self._last = subject, self.view.see(row, image, seed)
            except DataError as error:
                raise DataError(f"{self.name(row)}: {error}") from error
        return self._last[1]


class ClevrQuestions(ClevrSamples):
    """The questions of one split of a data folder, in file order.

    Args:
        folder: in the layout of CLEVR v1.0 or clevr-iep.
        split: such as `"train"`.
        vocabulary: numbers words and answers.
        view: what the model sees.
        limit: only so many questions, from the start of the file.
        questions: another questions file than the split's own.
        seed: of the augmentation.
        share: all questions about an image see it augmented alike, and batches hold it once; otherwise each question
            sees it for itself.
        layout_steps: give the samples their true layouts for a Stack Neural Module Network of so many steps, cut where
            they are longer; None does not.
        referents: give the samples the objects that the functions of their programs stand for; where layouts are given,
            those that the steps of the layouts do.

    Raises:
        DataError: a file is missing or broken, a scene or image is not there; names the question.
        VocabularyError: a word or answer is unknown.
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
        questions: Path | None = None,
        seed: int = 0,
        share: bool = True,
        layout_steps: int | None = None,
        referents: bool = False,
    ) -> None:
        super().__init__(view, seed)
        check_limit(limit)
        self.share = share
        self._referents = Referents(folder, split, vocabulary, layout_steps) if referents else None
        self.layout_steps, self._layouts = layout_steps, LayoutRows(vocabulary)
        file = questions or folder.questions_file(split)
        opened = open_iep_questions if file.suffix in HDF5_SUFFIXES else open_question_table
        self.table = opened(file, vocabulary)
        self._count = len(self.table) if limit is None else min(limit, len(self.table))
        subjects = subjects_of(self.table, self._count, self.name)
        if isinstance(folder, IepFolder) and folder.features_file(split).is_file():
            check_image_rows(folder.features_file(split), subjects)
        view.check(folder, split, subjects)

    def __len__(self) -> int:
        """The number of questions."""
        return self._count

    def name(self, row: int) -> str:
        """The question by its number in the file."""
        return f"question {self.table.index_Q[row]}"

    @property
    def image_numbers(self) -> NDArray[np.int64]:
        """Which of the table's images each question is about."""
        return self.table.image_Q[: self._count]

    def layout(self, row: int) -> NDArray[np.uint8] | None:
        """The modules of one question's true layout, however many; None where its program is not told."""
        program = self.table.program(row) if self.table.has_programs else None
        return self._layouts(program, self.name(row))

    def sample(self, row: int) -> Sample:
        """The question of one row."""
        image_index = int(self.table.image_index_Q[row])
        subject = image_index if self.share else row
        program = self.table.program(row) if self.table.has_programs else None
        sets = places = None
        if self._referents is not None and program is not None:
            sets = self._referents.sets(image_index, program, self.name(row))
            places = self._referents.places(image_index)
        return Sample(
            words=self.table.words(row),
            seen=self.see(row, self.table.image(row), subject),
            answer=int(self.table.answer_Q[row]),
            row=row,
            image_index=image_index,
            subject=subject,
            program=program,
            referents=sets,
            places=places,
            layout=None if self.layout_steps is None else fit_layout(self.layout(row), self.layout_steps),
        )


class ClevrAttributes(ClevrSamples):
    """Scenes with the attribute values that occur in them, the data of the multi-label attribute network, or with the
    counts of their relations.

    Args:
        folder: in CLEVR v1.0 layout, of CLEVR or of Sort-of-CLEVR.
        split: such as `"train"`.
        view: what the model sees.
        read: gives the targets of a split's scenes: which values occur, or
            `visreason.data.relation_targets.read_relation_targets`.
        fraction: keep this share of the scenes, those with the fewest different values (the published network
            kept 0.05, because nearly every value occurs in most scenes of CLEVR).
        limit: only so many scenes.
        seed: of the augmentation.

    Raises:
        DataError: a file is missing or broken, an image is not there; names the scene.
        UsageError: the limit is below 1, or the fraction not between 0 and 1.
    """

    def __init__(
        self,
        folder: ClevrFolder,
        split: str,
        view: View,
        *,
        read: Callable[[ClevrFolder, str], AttributeTargets] = read_attribute_targets,
        fraction: float = 1.0,
        limit: int | None = None,
        seed: int = 0,
    ) -> None:
        super().__init__(view, seed)
        check_limit(limit)
        if not 0 < fraction <= 1:
            raise UsageError(f"the fraction of scenes must be above 0 and at most 1; got {fraction}.")
        found = read(folder, split)
        count = len(found.images)
        fewest = np.argsort(found.present.sum(axis=1), kind="stable")[: max(1, round(fraction * count))]
        kept = np.sort(fewest)[:limit]
        self.names = found.names
        self.targets = found.present[kept]
        self.images = tuple(found.images[place] for place in kept)
        self.image_index = found.image_index[kept]
        view.check(folder, split, Subjects(self.images, np.arange(len(kept)), self.image_index, self.name))

    def __len__(self) -> int:
        """The number of scenes."""
        return len(self.images)

    def name(self, row: int) -> str:
        """The scene by its image's index."""
        return f"scene {self.image_index[row]}"

    @property
    def image_numbers(self) -> NDArray[np.int64]:
        """Each scene has an image of its own."""
        return np.arange(len(self))

    def sample(self, row: int) -> Sample:
        """The scene of one row."""
        return Sample(
            words=np.full(1, PADDING, np.uint16),
            seen=self.see(row, self.images[row], row),
            answer=-1,
            row=row,
            image_index=int(self.image_index[row]),
            subject=row,
            attributes=self.targets[row],
        )


def subjects_of(table: QuestionTable | ExpressionTable, count: int, name: Callable[[int], str]) -> Subjects:
    """What the first rows of a table are about.

    Args:
        table: of questions or expressions.
        count: so many rows.
        name: what to call a row in an error.
    """
    used, image_R = np.unique(table.image_Q[:count], return_inverse=True)
    images = tuple(table.images[image] for image in used.tolist())
    return Subjects(images, image_R, table.image_index_Q[:count], name)


def check_limit(limit: int | None) -> None:
    """Make sure that a limit of samples leaves some.

    Raises:
        UsageError: it does not.
    """
    if limit is not None and limit < 1:
        raise UsageError(f"the limit of samples must be at least 1; got {limit}.")
