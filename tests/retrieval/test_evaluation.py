from pathlib import Path

import numpy as np
import pytest

from visreason.clevr.folder import ClevrFolder
from visreason.clevr.sampling import sample_scene, scene_rng
from visreason.clevr.scene import Scene
from visreason.clevr.scenes_file import write_scenes
from visreason.errors import DataError, UsageError
from visreason.retrieval.building import write_index
from visreason.retrieval.evaluation import INDEX, evaluate, indexed_scenes
from visreason.retrieval.graph_distance import distance_matrix
from visreason.retrieval.index_folder import IndexSettings, RetrievalIndex

SCENES = [sample_scene(scene_rng(6, "val", i), i, "val") for i in range(9)]


def make_index(folder: Path, features: np.ndarray, scenes: list[Scene] = SCENES) -> RetrievalIndex:
    settings = IndexSettings(
        model="rn", fingerprint="", layer="g2", aggregation="mean", normalise="both", size=features.shape[1]
    )
    return write_index(folder, features.astype(np.float32), [one.image_filename for one in scenes], settings)


def embedded(distances: np.ndarray) -> np.ndarray:
    """Points whose squared distances are d + c off the diagonal: they rank as the distances do."""
    squares = distances.astype(np.float64) + np.where(np.eye(len(distances)), 0, 9.0)
    centre = np.eye(len(squares)) - 1 / len(squares)
    values, vectors = np.linalg.eigh(-centre @ squares @ centre / 2)
    return vectors * np.sqrt(np.maximum(values, 0))


def test_features_that_know_the_truth_have_full_marks(tmp_path: Path) -> None:
    index = make_index(tmp_path / "index", embedded(distance_matrix(SCENES, SCENES)))
    found = evaluate(index, SCENES, ["symmetric", "published-soft"], [1, 3])
    own = found.scores["symmetric"][INDEX]
    assert own.spearman.value == pytest.approx(1)
    assert own.ndcg[3].value == pytest.approx(1)
    assert own.recall[1].value == own.recall[3].value == 1
    assert found.scores["published-soft"][INDEX].spearman.value < 0.9
    assert found.scores["published-soft"]["fewest_objects"].spearman.value > 0.6


def test_no_query_finds_itself(tmp_path: Path) -> None:
    features = np.eye(9)  # every image as far from all others, and 0 from itself
    scores = evaluate(make_index(tmp_path / "index", features), SCENES, ["symmetric"], [1]).scores[
        "symmetric"
    ]
    assert scores[INDEX].spearman.value == 0
    assert scores[INDEX].recall[1].value == pytest.approx(1 / 8)


def test_some_queries_by_the_seed(tmp_path: Path) -> None:
    index = make_index(tmp_path / "index", np.random.default_rng(0).random((9, 4)))
    some = evaluate(index, SCENES, ["published-hard"], [2], queries=4, seed=1)
    assert len(set(some.queries.tolist())) == 4
    assert (
        some.queries.tolist() != evaluate(index, SCENES, ["published-hard"], [2], queries=4).queries.tolist()
    )
    told = some.to_dict()
    assert told["queries"] == 4
    assert set(told["ground_truth"]["published-hard"]) == {"spearman", "ndcg", "recall", "baselines"}
    assert told["ground_truth"]["published-hard"]["recall"]["2"]["count"] == 4
    assert next(iter(told["ground_truth"]["published-hard"]["baselines"])) == "random"
    assert len(evaluate(index, SCENES, ["published-hard"], [2], queries=500).queries) == 9


def test_what_cannot_be_asked(tmp_path: Path) -> None:
    index = make_index(tmp_path / "index", np.eye(9))
    with pytest.raises(UsageError, match="k is 9, but a query has 8 other images"):
        evaluate(index, SCENES, ["symmetric"], [1, 9])
    with pytest.raises(UsageError, match="at least 1; got 0"):
        evaluate(index, SCENES, ["symmetric"], [1], queries=0)


def test_scenes_come_in_the_order_of_the_index(tmp_path: Path) -> None:
    folder = ClevrFolder(tmp_path / "data")
    write_scenes(folder.scenes_file("val"), SCENES, "val")
    turned = [SCENES[i] for i in (5, 2, 7)]
    index = make_index(tmp_path / "index", np.eye(3), turned)
    assert indexed_scenes(index, folder, "val") == turned


def test_images_without_a_scene(tmp_path: Path) -> None:
    folder = ClevrFolder(tmp_path / "data")
    write_scenes(folder.scenes_file("val"), SCENES[:4], "val")
    other = [sample_scene(scene_rng(6, "train", i), i, "train") for i in range(9)]
    index = make_index(tmp_path / "index", np.eye(9))
    with pytest.raises(DataError, match=r"only 4 of the 9 images .*000004\.png has none"):
        indexed_scenes(index, folder, "val")
    with pytest.raises(DataError, match="none of the 9 images"):
        indexed_scenes(make_index(tmp_path / "other", np.eye(9), other), folder, "val")
    with pytest.raises(DataError, match="no split 'train'; it has val"):
        indexed_scenes(index, folder, "train")
