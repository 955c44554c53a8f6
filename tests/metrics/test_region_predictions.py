from pathlib import Path

import numpy as np
import pytest

from visreason.errors import DataError
from visreason.metrics.region_predictions import RegionPredictions
from visreason.metrics.regions import score_regions


@pytest.fixture
def said() -> RegionPredictions:
    rng = np.random.default_rng(0)
    return RegionPredictions(
        rng.dirichlet(np.ones(4), 30).astype(np.float32),
        rng.integers(1, 4, 30),
        np.arange(30) // 5,
        np.array([0, 3, 30, 300]),
        np.array(["__background__", "Tasse", "文鎮", "c"]),
    )


def test_what_is_read_again_scores_the_same(said: RegionPredictions, tmp_path: Path) -> None:
    said.write(tmp_path / "some.npz")
    again = RegionPredictions.read(tmp_path / "some.npz")
    assert again.classes.tolist() == said.classes.tolist()
    assert again.score().to_dict(again.classes.tolist()) == said.score().to_dict(said.classes.tolist())
    assert [str(band) for band in again.score().bands] == ["1–9", "10–99", "100–999"]


def test_only_the_kept_are_scored(said: RegionPredictions) -> None:
    kept = np.arange(30) % 3 > 0
    found = said.score(kept)
    wanted = score_regions(said.probabilities[kept], said.labels[kept], said.images[kept])
    assert found.counts.sum() == 20
    assert found.line() == wanted.line()


def test_wrong_files(said: RegionPredictions, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none\.npz cannot be read"):
        RegionPredictions.read(tmp_path / "none.npz")
    (tmp_path / "text.npz").write_text("no zip")
    with pytest.raises(DataError, match="holds no predictions of regions"):
        RegionPredictions.read(tmp_path / "text.npz")
    np.savez(tmp_path / "other.npz", logits=np.zeros(3))
    with pytest.raises(DataError, match="holds no predictions of regions"):
        RegionPredictions.read(tmp_path / "other.npz")
    np.savez(tmp_path / "pickled.npz", probabilities=np.array([{}], object))
    with pytest.raises(DataError, match="holds no predictions of regions"):
        RegionPredictions.read(tmp_path / "pickled.npz")
    said.write(tmp_path / "whole.npz")
    (tmp_path / "cut.npz").write_bytes((tmp_path / "whole.npz").read_bytes()[:-40])
    with pytest.raises(DataError, match="holds no predictions of regions"):
        RegionPredictions.read(tmp_path / "cut.npz")
