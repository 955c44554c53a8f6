from pathlib import Path

import numpy as np
import pytest

from visreason.clevr.sampling import sample_scene, scene_rng
from visreason.errors import UsageError
from visreason.retrieval.graph_distance import KINDS, distance_matrix
from visreason.retrieval.graph_distance import matrix as matrix_module
from visreason.retrieval.graph_distance.graph import SceneGraph
from visreason.retrieval.graph_distance.published import published_distance
from visreason.retrieval.graph_distance.symmetric import symmetric_distance

SCENES = [sample_scene(scene_rng(2, "val", i), i, "val") for i in range(7)]
GRAPHS = [SceneGraph.of(scene) for scene in SCENES]


def test_rows_are_queries() -> None:
    found = distance_matrix(SCENES[:3], SCENES, "published-soft")
    assert found.dtype == np.float32
    expected = [[published_distance(a, b, "soft") for b in GRAPHS] for a in GRAPHS[:3]]
    assert found.tolist() == expected
    hard = distance_matrix(SCENES[:3], SCENES, "published-hard")
    assert hard.tolist() == [[published_distance(a, b, "hard") for b in GRAPHS] for a in GRAPHS[:3]]


def test_ours_pair_by_pair() -> None:
    expected = [[symmetric_distance(a, b) for b in GRAPHS] for a in GRAPHS]
    assert distance_matrix(SCENES, SCENES) == pytest.approx(np.array(expected, np.float32))


def test_processes_and_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = distance_matrix(SCENES, SCENES)
    monkeypatch.setattr(matrix_module, "_PAIRS", 10)
    told: list[tuple[str, int, int]] = []
    for jobs in (1, 2):
        told.clear()
        found = distance_matrix(SCENES, SCENES, jobs=jobs, progress=lambda *one: told.append(one))
        assert (found == whole).all()
        assert told == [("symmetric distances", done, 7) for done in range(8)]


def test_what_was_computed_is_kept(tmp_path: Path) -> None:
    for kind in KINDS:
        distance_matrix(SCENES, SCENES, kind, cache=tmp_path)
    files = sorted(tmp_path.iterdir())
    assert [file.name.rpartition("-")[0] for file in files] == sorted(KINDS)
    np.save(files[-1], np.full((7, 7), 0.5, np.float32))
    assert (distance_matrix(SCENES, SCENES, "symmetric", cache=tmp_path) == 0.5).all()
    other = distance_matrix(SCENES[:6], SCENES, "symmetric", cache=tmp_path)
    assert other.shape == (6, 7)
    assert other[0, 0] == 0
    assert len(list(tmp_path.iterdir())) == 4


@pytest.mark.parametrize("broken", [b"", b"no matrix", b"\x93NUMPY\x01\x00"])
def test_a_broken_file_is_made_again(tmp_path: Path, broken: bytes) -> None:
    whole = distance_matrix(SCENES, SCENES, cache=tmp_path)
    (file,) = tmp_path.iterdir()
    file.write_bytes(broken)
    assert (distance_matrix(SCENES, SCENES, cache=tmp_path) == whole).all()
    assert (np.load(file) == whole).all()


def test_no_scenes() -> None:
    assert distance_matrix([], SCENES).shape == (0, 7)
    assert distance_matrix(SCENES, []).shape == (7, 0)


def test_an_unknown_kind() -> None:
    with pytest.raises(UsageError, match="there are symmetric, published-soft, published-hard"):
        distance_matrix(SCENES, SCENES, "hamming")
