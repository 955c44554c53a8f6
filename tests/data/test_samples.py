import numpy as np
import torch

from visreason.data.inputs import Seen
from visreason.data.samples import Sample, collate, shared_subjects


def sample(row: int, subject: int, shade: int | None = None, program: list[int] | None = None) -> Sample:
    """A question of `row + 1` words, about an image of one shade."""
    return Sample(
        words=np.arange(1, row + 2, dtype=np.uint16),
        seen=Seen(image=None if shade is None else np.full((2, 3, 3), shade, np.uint8)),
        answer=row,
        row=row,
        image_index=subject,
        subject=subject,
        program=None if program is None else np.array(program, np.uint8),
    )


def test_words_and_programs_are_padded_on_the_right() -> None:
    batch = collate([sample(0, 5, program=[4, 41]), sample(2, 6, program=[])])
    assert batch.tokens.tolist() == [[1, 0, 0], [1, 2, 3]]
    assert batch.lengths.tolist() == [1, 3]
    assert batch.programs is not None
    assert batch.programs.tolist() == [[4, 41], [0, 0]]
    assert batch.programs.dtype == batch.tokens.dtype == torch.long
    assert batch.images is batch.image_rows is batch.objects is None


def test_subjects_are_numbered_as_they_come() -> None:
    first, rows = shared_subjects([sample(0, 9), sample(1, 3), sample(2, 9), sample(3, 3)])
    assert [one.row for one in first] == [0, 1]
    assert rows is not None
    assert rows.tolist() == [0, 1, 0, 1]


def test_without_images_nothing_is_shared() -> None:
    batch = collate([sample(0, 5), sample(1, 5)])
    assert batch.image_rows is None


def test_shared_images_are_there_once() -> None:
    batch = collate([sample(0, 5, shade=0), sample(1, 5, shade=0), sample(2, 6, shade=255)])
    assert batch.images is not None
    assert batch.images.shape == (2, 3, 2, 3)
    assert batch.spread(batch.images)[:, 0, 0, 0].tolist() == [0, 0, 1]
    apart = collate([sample(0, 0, shade=0), sample(1, 1, shade=0)])
    assert apart.image_rows is None
    assert apart.images is not None
    assert len(apart.images) == 2
