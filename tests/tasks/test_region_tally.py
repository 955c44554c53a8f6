"""What is collected of regions: each counted once, the background never named, batches in any number of processes."""

import numpy as np
import pytest
import torch

from visreason.errors import DataError
from visreason.models.region_output import RegionOutput
from visreason.nn.region_batch import RegionBatch
from visreason.tasks import region_tally
from visreason.tasks.region_tally import RegionTally

CLASSES = ["-", "cup", "plate", "jug"]


def batch_of(labels: list[int], rows: list[int], images: list[int]) -> RegionBatch:
    return RegionBatch(
        sizes=torch.full((len(images), 2), 8),
        boxes=torch.zeros(len(labels), 4),
        image_rows=torch.tensor(rows),
        labels=torch.tensor(labels),
        image_index=torch.tensor(images),
    )


def output_of(final: list[list[float]], first: list[list[float]] | None = None) -> RegionOutput:
    logits = torch.tensor(final, dtype=torch.float32)
    said = [logits] if first is None else [torch.tensor(first, dtype=torch.float32), logits]
    names = ("backbone", "local 1")[: len(said)]
    return RegionOutput(
        logits, torch.stack(said), names, (None, 0)[: len(said)], torch.ones(len(final), len(said))
    )


@pytest.fixture
def tally() -> RegionTally:
    """Two batches: three regions of images 7 and 4, one of image 9."""
    tally = RegionTally(CLASSES, [0, 5, 2, 0])
    final: list[list[float]] = [[9, 1, 0, 0], [0, 3, 1, 0], [0, 0, 0, 2]]
    first: list[list[float]] = [[0, 0, 1, 0], [0, 3, 1, 0], [0, 2, 0, 0]]
    tally.add(batch_of([1, 2, 3], [0, 1, 1], [7, 4]), output_of(final, first))
    tally.add(batch_of([2], [0], [9]), output_of([[0.0, 0, 1, 0]], [[0.0, 1, 0, 0]]))
    return tally


def test_every_region_comes_with_its_image_and_its_probabilities(tally: RegionTally) -> None:
    said = tally.predictions()
    assert said.images.tolist() == [7, 4, 4, 9]
    assert said.labels.tolist() == [1, 2, 3, 2]
    assert said.frequencies.tolist() == [0, 5, 2, 0]
    assert said.classes.tolist() == CLASSES
    np.testing.assert_allclose(said.probabilities.sum(1), 1, rtol=1e-6)
    np.testing.assert_allclose(said.probabilities[3], np.exp([0, 0, 1, 0]) / np.exp([0, 0, 1, 0]).sum())


def test_each_prediction_is_counted_and_none_names_the_background(tally: RegionTally) -> None:
    shares = {name: (one.value, one.count) for name, one in tally.by_prediction().items()}
    assert shares == {
        "backbone": (0, 4),
        "local 1": (0.75, 4),
    }  # the first region: class 1, though 0 has more
    assert tally.metrics()["per_instance_ac"] == 0.75


def test_the_loss_is_the_mean_over_regions_and_not_over_batches(tally: RegionTally) -> None:
    right = [
        region[label] for region, label in zip(tally.predictions().probabilities, [1, 2, 3, 2], strict=True)
    ]
    assert tally.loss() == pytest.approx(-np.log(right).mean(), rel=1e-6)
    assert tally.metrics()["loss"] == tally.loss()


def test_the_four_figures_are_those_of_the_predictions(tally: RegionTally) -> None:
    scores, found = tally.predictions().score(), tally.metrics()
    assert [found[f"per_{one}"] for one in ("instance_ap", "instance_ac", "class_ap", "class_ac")] == [
        scores.instances.ap.value,
        scores.instances.ac.value,
        scores.classes.ap.value,
        scores.classes.ac.value,
    ]


def test_processes_bring_together_what_each_has(tally: RegionTally, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = tally.metrics()
    monkeypatch.setattr(
        region_tally, "gather_lists", lambda ranks, *lists: tuple(one * ranks for one in lists)
    )
    tally.merge(2)
    assert tally.predictions().images.tolist() == [7, 4, 4, 9] * 2
    assert tally.metrics()["loss"] == pytest.approx(alone["loss"])


def test_regions_without_true_classes_cannot_be_counted() -> None:
    batch = batch_of([1], [0], [0])
    batch.labels = None
    with pytest.raises(DataError, match="no true classes"):
        RegionTally(CLASSES, [0, 1, 1, 1]).add(batch, output_of([[0.0, 1, 0, 0]]))
