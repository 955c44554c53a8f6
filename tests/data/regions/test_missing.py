from pathlib import Path

import numpy as np
import pytest

from visreason.data.regions.folder import read_regions
from visreason.data.regions.missing import keep, kept_at_random, kept_by_proposals, rows_kept
from visreason.errors import DataError, UsageError


def test_larger_fractions_leave_out_more_of_the_same(shared: Path) -> None:
    regions = read_regions(shared / "data" / "coco_sample")
    rows = [rows_kept(kept_at_random(regions, dropped, seed=3)) for dropped in (0.0, 0.3, 0.6, 1.0)]
    assert rows[0].all()
    assert not rows[3].any()
    assert 0.6 < rows[1].mean() < 0.8
    assert not (rows[2] & ~rows[1]).any()
    assert (rows_kept(kept_at_random(regions, 0.3, seed=4)) != rows[1]).any()


def test_regions_that_a_proposal_covers_are_kept(coco: Path) -> None:
    regions = read_regions(coco)
    proposals = {"a.jpg": np.array([[1, 2, 5, 9], [0, 0, 18, 9]], np.float32), "b.jpg": np.zeros((0, 4))}
    assert [one.tolist() for one in kept_by_proposals(regions, proposals, 0.4)] == [[True, True], [False], []]
    assert [one.tolist() for one in kept_by_proposals(regions, proposals, 0.5)] == [
        [False, True],
        [False],
        [],
    ]
    assert not rows_kept(kept_by_proposals(regions, proposals, 0.95)).any()


def test_before_and_after_score_the_same_regions(coco: Path) -> None:
    regions = read_regions(coco)
    kept = [np.array([False, True]), np.array([True]), np.array([], bool)]
    before = keep(regions, kept)
    assert [image.ids for image in before.images] == [("101",), ("102",), ()]
    assert (before.report.regions, before.report.classes) == (2, 2)
    labels = np.concatenate([image.labels for image in regions.images])[rows_kept(kept)]
    assert labels.tolist() == [label for image in before.images for label in image.labels.tolist()]


def test_wrong_input(coco: Path) -> None:
    regions = read_regions(coco)
    with pytest.raises(UsageError, match=r"between 0 and 1; got 1\.5"):
        kept_at_random(regions, 1.5, seed=0)
    with pytest.raises(UsageError, match="between 0 and 1; got -1"):
        kept_by_proposals(regions, {}, -1)
    with pytest.raises(DataError, match=r"no proposals for a\.jpg"):
        kept_by_proposals(regions, {}, 0.5)
    with pytest.raises(DataError, match="none of the 3 regions is left"):
        keep(regions, kept_at_random(regions, 1.0, seed=0))
