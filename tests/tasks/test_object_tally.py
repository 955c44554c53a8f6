import pytest
import torch

from visreason.errors import DataError
from visreason.models import Output
from visreason.nn.batch import Batch
from visreason.tasks.object_tally import ObjectTally, true_cells

COUNTS, GRID = (2, 8, 3, 2), (2, 3)


def batch_of(*images: list[list[float]]) -> Batch:
    nothing = torch.zeros(len(images), 1, dtype=torch.long)
    return Batch(
        tokens=nothing,
        lengths=nothing[:, 0],
        objects=torch.tensor(images),
        object_mask=torch.ones(len(images), len(images[0]), dtype=torch.bool),
        image_index=torch.arange(len(images)) + 5,
    )


def test_seeing_and_naming_are_counted_apart() -> None:
    batch = batch_of(
        [[0.1, 0.1, 9.0, 1, 7, 2, 1], [0.9, 0.9, 9.0, 0, 3, 0, 0]],
        [[0.5, 0.1, 9.0, 0, 0, 0, 0], [0.5, 0.9, 9.0, 0, 0, 0, 0]],
    )
    scores = torch.full((2, 18, *GRID), -5.0)
    scores[0, [0, 2, 10, 13, 15], 0, 0] = 5.0  # found, and right in all
    scores[0, [1, 6, 11, 14], 1, 2] = 5.0  # right in all, but not found
    scores[1, [0, 2, 3, 11, 14], 0, 1] = 5.0  # found, but the material is wrong
    scores[1, 0, 1, 0] = 5.0  # claimed where there is nothing
    tally = ObjectTally(COUNTS, GRID)
    tally.add(batch, Output(scores.flatten(1)))
    figures = tally.metrics()
    assert figures["recall"] == 0.5
    assert figures["precision"] == pytest.approx(2 / 3)
    assert figures["objects_right"] == 0.25
    assert (figures["material"], figures["size"]) == (0.75, 1.0)
    assert tally.shares()["recall"].count == 4


def test_who_claims_nothing_has_no_precision() -> None:
    tally = ObjectTally(COUNTS, GRID)
    tally.add(batch_of([[0.1, 0.1, 9.0, 1, 7, 2, 1]]), Output(torch.full((1, 18 * 6), -5.0)))
    assert tally.metrics()["precision"] == tally.metrics()["recall"] == 0.0


def test_images_without_scenes_cannot_be_measured() -> None:
    nothing = torch.zeros(1, 1, dtype=torch.long)
    with pytest.raises(DataError, match="have no scenes"):
        true_cells(Batch(tokens=nothing, lengths=nothing[:, 0]), GRID)
