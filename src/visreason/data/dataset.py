"""Questions with what the model sees, sample by sample, and their collation into batches.

Shape suffixes: B samples of a batch, T words of the longest.
"""

import copy
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from visreason.clevr.folder import ClevrFolder
from visreason.clevr.scenes_file import read_scenes
from visreason.data.encodings import attribute_targets
from visreason.data.inputs import Seen, Subjects, View
from visreason.data.question_table import open_question_table
from visreason.data.vocabulary import PADDING, Vocabulary
from visreason.errors import DataError, UsageError
from visreason.nn.batch import Batch


@dataclass(frozen=True, slots=True)
class Sample:
    """One question (or, for the attribute network, one image) with what the model sees of its scene.

    Attributes:
        words: vocabulary indices in reading order.
        seen: image, objects or scene.
        answer: the answer's class, or -1.
        row: the sample's place in its data set.
        image_index: which image it is about.
        attributes: the 15 targets of `visreason.data.encodings.attribute_targets`, for the attribute network.
    """

    words: NDArray[np.uint16]
    seen: Seen
    answer: int
    row: int
    image_index: int
    attributes: NDArray[np.float32] | None = None


class ClevrSamples(Sequence[Sample], ABC):
    """What the data sets of CLEVR have in common: a view, and augmentation that depends on the epoch.

    Args:
        view: what the model sees; it has found everything that the samples need.
        seed: of the augmentation.
    """

    def __init__(self, view: View, seed: int) -> None:
        self.view = view
        self.seed = seed
        self.epoch: int | None = None

    def at_epoch(self, epoch: int) -> Self:
        """The same samples with the augmentation of one epoch; without this call nothing is augmented."""
        other = copy.copy(self)
        other.epoch = epoch
        return other

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

    def see(self, row: int, image: str) -> Seen:
        """What the model sees of a sample's scene.

        Raises:
            DataError: as `__getitem__`.
        """
        seed = None if self.epoch is None else (self.seed, self.epoch, row)
        try:
            return self.view.see(row, image, seed)
        except DataError as error:
            raise DataError(f"{self.name(row)}: {error}") from error


class ClevrQuestions(ClevrSamples):
    """The questions of one split of a data folder, in file order.

    Args:
        folder: in CLEVR v1.0 layout.
        split: such as `"train"`.
        vocabulary: numbers words and answers.
        view: what the model sees.
        limit: only so many questions, from the start of the file.
        questions: another questions file than the split's own.
        seed: of the augmentation.

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
    ) -> None:
        super().__init__(view, seed)
        _check_limit(limit)
        self.table = open_question_table(questions or folder.questions_file(split), vocabulary)
        self._count = len(self.table) if limit is None else min(limit, len(self.table))
        used, image_R = np.unique(self.table.image_Q[: self._count], return_inverse=True)
        images = tuple(self.table.images[image] for image in used.tolist())
        image_index_R = self.table.image_index_Q[: self._count]
        view.check(folder, split, Subjects(images, image_R, image_index_R, self.name))

    def __len__(self) -> int:
        """The number of questions."""
        return self._count

    def name(self, row: int) -> str:
        """The question by its number in the file."""
        return f"question {self.table.index_Q[row]}"

    def sample(self, row: int) -> Sample:
        """The question of one row."""
        return Sample(
            words=self.table.words(row),
            seen=self.see(row, self.table.image(row)),
            answer=int(self.table.answer_Q[row]),
            row=row,
            image_index=int(self.table.image_index_Q[row]),
        )


class ClevrAttributes(ClevrSamples):
    """Scenes with the attribute values that occur in them: the data of the multi-label attribute network.

    Args:
        folder: in CLEVR v1.0 layout.
        split: such as `"train"`.
        view: what the model sees.
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
        fraction: float = 1.0,
        limit: int | None = None,
        seed: int = 0,
    ) -> None:
        super().__init__(view, seed)
        _check_limit(limit)
        if not 0 < fraction <= 1:
            raise UsageError(f"the fraction of scenes must be above 0 and at most 1; got {fraction}.")
        scenes = read_scenes(folder.scenes_file(split))
        if not scenes:
            raise DataError(f"{folder.scenes_file(split)} holds no scenes.")
        targets = np.stack([attribute_targets(scene) for scene in scenes])
        fewest = np.argsort(targets.sum(axis=1), kind="stable")[: max(1, round(fraction * len(scenes)))]
        kept = np.sort(fewest)[:limit]
        self.targets = targets[kept]
        self.images = tuple(scenes[place].image_filename for place in kept)
        self.image_index = np.array([scenes[place].image_index for place in kept], np.int64)
        view.check(folder, split, Subjects(self.images, np.arange(len(kept)), self.image_index, self.name))

    def __len__(self) -> int:
        """The number of scenes."""
        return len(self.images)

    def name(self, row: int) -> str:
        """The scene by its image's index."""
        return f"scene {self.image_index[row]}"

    def sample(self, row: int) -> Sample:
        """The scene of one row."""
        return Sample(
            words=np.full(1, PADDING, np.uint16),
            seen=self.see(row, self.images[row]),
            answer=-1,
            row=row,
            image_index=int(self.image_index[row]),
            attributes=self.targets[row],
        )


def _check_limit(limit: int | None) -> None:
    if limit is not None and limit < 1:
        raise UsageError(f"the limit of samples must be at least 1; got {limit}.")


def collate(samples: Sequence[Sample]) -> Batch:
    """Put samples side by side; what some sample lacks is None in the batch.

    Images become floats in [0, 1] with channels first, as `Batch` says. Scenes are left to
    `visreason.data.on_the_fly.RenderingCollate`.

    Example:
        >>> first = Sample(np.array([3, 1], np.uint16), Seen(), answer=0, row=0, image_index=7)
        >>> second = Sample(np.array([5], np.uint16), Seen(), answer=1, row=1, image_index=7)
        >>> batch = collate([first, second])
        >>> batch.tokens.tolist(), batch.lengths.tolist(), batch.answers.tolist()
        ([[3, 1], [5, 0]], [2, 1], [0, 1])
    """
    lengths = [len(sample.words) for sample in samples]
    tokens_BT = np.full((len(samples), max(lengths)), PADDING, np.int64)
    for row, sample in zip(tokens_BT, samples, strict=True):
        row[: len(sample.words)] = sample.words
    answered = all(sample.answer >= 0 for sample in samples)
    images = _stack(samples, lambda sample: sample.seen.image)
    return Batch(
        tokens=torch.from_numpy(tokens_BT),
        lengths=torch.tensor(lengths),
        images=None if images is None else images.permute(0, 3, 1, 2).float().div_(255),
        objects=_stack(samples, lambda sample: sample.seen.objects),
        object_mask=_stack(samples, lambda sample: sample.seen.object_mask),
        answers=torch.tensor([sample.answer for sample in samples]) if answered else None,
        question_index=torch.tensor([sample.row for sample in samples]),
        image_index=torch.tensor([sample.image_index for sample in samples]),
        attributes=_stack(samples, lambda sample: sample.attributes),
    )


def _stack(samples: Sequence[Sample], part: Callable[[Sample], NDArray[Any] | None]) -> Tensor | None:
    """One part of all samples as a tensor, or None where a sample lacks it."""
    parts = [array for sample in samples if (array := part(sample)) is not None]
    return torch.from_numpy(np.stack(parts)) if len(parts) == len(samples) else None
