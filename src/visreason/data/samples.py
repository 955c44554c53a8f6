"""What one sample is, and how samples become a batch.

Shape suffixes: B samples, I images that they share, T words of the longest, P functions of the longest program.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from visreason.data.inputs import Seen
from visreason.data.vocabulary import PADDING
from visreason.nn.batch import Batch
from visreason.nn.functions import NULL
from visreason.nn.referents import NO_OBJECTS


@dataclass(frozen=True, slots=True)
class Sample:
    """One question (or, for the attribute network, one image) with what the model sees of its scene.

    Attributes:
        words: vocabulary indices in reading order.
        seen: image, objects or scene.
        answer: the answer's class, or -1.
        row: the sample's place in its data set.
        image_index: which image it is about.
        subject: samples of one batch with the same number see the same, so that their image is in it once.
        program: the true program's functions in prefix order, none where it is not told; None where no sample of the
            data set has one.
        referents: the objects that each function of the program, or step of the layout, gives, as `Batch.referents`;
            None where not asked.
        places: where the scene's objects are seen, as `Batch.places`; None likewise.
        layout: the modules of the true layout, with 0 up to a network's steps; None where it is not told.
        box: of a referring expression, (x, y, width, height) in pixels of the images that boxes are given in; None of a
            question.
        attributes: the 15 targets of `visreason.data.encodings.attribute_targets`, for the attribute network.
    """

    words: NDArray[np.uint16]
    seen: Seen
    answer: int
    row: int
    image_index: int
    subject: int
    program: NDArray[np.uint8] | None = None
    referents: NDArray[np.int64] | None = None
    places: NDArray[np.float32] | None = None
    layout: NDArray[np.int64] | None = None
    box: NDArray[np.float32] | None = None
    attributes: NDArray[np.float32] | None = None


def collate(samples: Sequence[Sample]) -> Batch:
    """Put samples side by side; what some sample lacks is None in the batch.

    Images become floats in [0, 1] with channels first, as `Batch` says; samples of one subject share theirs. Scenes are
    left to `visreason.data.on_the_fly.RenderingCollate`.

    Example:
        >>> first = Sample(np.array([3, 1], np.uint16), Seen(), answer=0, row=0, image_index=7, subject=7)
        >>> second = Sample(np.array([5], np.uint16), Seen(), answer=1, row=1, image_index=7, subject=7)
        >>> batch = collate([first, second])
        >>> batch.tokens.tolist(), batch.lengths.tolist(), batch.answers.tolist()
        ([[3, 1], [5, 0]], [2, 1], [0, 1])
    """
    asked = [sample for sample in samples if sample.box is None]
    answered = bool(asked) and all(sample.answer >= 0 for sample in asked)
    sharing, rows = shared_subjects(samples)
    images = _stack(sharing, lambda sample: sample.seen.image)
    features = _stack(sharing, lambda sample: sample.seen.features)
    return Batch(
        tokens=_padded([sample.words for sample in samples], PADDING),
        lengths=torch.tensor([len(sample.words) for sample in samples]),
        images=None if images is None else images.permute(0, 3, 1, 2).float().div_(255),
        features=features,
        image_rows=None if images is None and features is None else rows,
        objects=_stack(samples, lambda sample: sample.seen.objects),
        object_mask=_stack(samples, lambda sample: sample.seen.object_mask),
        programs=_side_by_side(samples, lambda sample: sample.program, NULL),
        referents=_side_by_side(samples, lambda sample: sample.referents, NO_OBJECTS),
        places=_stack(samples, lambda sample: sample.places),
        layouts=_stack(samples, lambda sample: sample.layout),
        boxes=_boxes(samples),
        answers=torch.tensor([sample.answer for sample in samples]) if answered else None,
        question_index=torch.tensor([sample.row for sample in samples]),
        image_index=torch.tensor([sample.image_index for sample in samples]),
        attributes=_stack(samples, lambda sample: sample.attributes),
    )


def shared_subjects(samples: Sequence[Sample]) -> tuple[list[Sample], Tensor | None]:
    """The first sample of each subject, and which of them each sample sees (None: each its own).

    Example:
        >>> one, two = (Sample(np.array([3]), Seen(), 0, row, row, subject=7) for row in (4, 5))
        >>> first, rows = shared_subjects([one, two])
        >>> [sample.row for sample in first], rows
        ([4], tensor([0, 0]))
    """
    firsts: dict[int, Sample] = {}
    for sample in samples:
        firsts.setdefault(sample.subject, sample)
    if len(firsts) == len(samples):
        return list(samples), None
    place = {subject: row for row, subject in enumerate(firsts)}
    return list(firsts.values()), torch.tensor([place[sample.subject] for sample in samples])


def _side_by_side(
    samples: Sequence[Sample], part: Callable[[Sample], NDArray[Any] | None], padding: int
) -> Tensor | None:
    """One part of all samples, however long in each, as Long `[B, longest]`, or None where a sample lacks it."""
    told = [row for sample in samples if (row := part(sample)) is not None]
    return _padded(told, padding) if len(told) == len(samples) else None


def _boxes(samples: Sequence[Sample]) -> Tensor | None:
    """True boxes `[B, 4]`, with NaN for questions among expressions; None where there are only questions."""
    if all(sample.box is None for sample in samples):
        return None
    none = np.full(4, np.nan, np.float32)
    return torch.from_numpy(np.stack([none if sample.box is None else sample.box for sample in samples]))


def _padded(rows: Sequence[NDArray[Any]], padding: int) -> Tensor:
    """Rows of numbers as Long `[B, longest]`, padded on the right; at least one column."""
    padded_BT = np.full((len(rows), max(1, *map(len, rows))), padding, np.int64)
    for row, values in zip(padded_BT, rows, strict=True):
        row[: len(values)] = values
    return torch.from_numpy(padded_BT)


def _stack(samples: Sequence[Sample], part: Callable[[Sample], NDArray[Any] | None]) -> Tensor | None:
    """One part of all samples as a tensor, or None where a sample lacks it."""
    parts = [array for sample in samples if (array := part(sample)) is not None]
    return torch.from_numpy(np.stack(parts)) if len(parts) == len(samples) else None
