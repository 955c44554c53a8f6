from itertools import product
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment
from scipy.stats import spearmanr

from visreason.clevr.sampling import sample_scene, scene_rng
from visreason.clevr.scene import Scene
from visreason.clevr.scenes_file import read_scenes
from visreason.retrieval.graph_distance.graph import SceneGraph
from visreason.retrieval.graph_distance.matrix import distance_matrix
from visreason.retrieval.graph_distance.published import NodeCost, published_distance

SCENES = [sample_scene(scene_rng(0, "val", i), i, "val") for i in range(12)]


def as_it_is_told(first: Scene, second: Scene, cost: NodeCost) -> float:
    """The specification's words, one loop after the other."""
    n, m = len(first), len(second)
    total = 0.0
    for relation in ("right", "front"):
        matrix = np.full((n + m, n + m), 0.0)
        for i, j in product(range(n + m), range(n + m)):
            if i < n and j < m:
                names = ("color", "shape", "material", "size")
                differ = sum(getattr(first.objects[i], a) != getattr(second.objects[j], a) for a in names)
                matrix[i, j] = differ / 4 if cost == "soft" else float(differ > 0)
            elif i < n:
                matrix[i, j] = 1 if j - m == i else 5
            elif j < m:
                matrix[i, j] = 1 if i - n == j else 5
        rows, columns = linear_sum_assignment(matrix)
        total += matrix[rows, columns].sum()
        image = {i: j for i, j in zip(rows.tolist(), columns.tolist(), strict=True) if i < n and j < m}
        for b, row in enumerate(first.relationships[relation]):
            for a in row:  # an edge a -> b
                if a in image and b in image:
                    total += image[b] in second.relationships[relation][image[a]]
    return total


@pytest.mark.parametrize("cost", ["soft", "hard"])
def test_it_is_what_is_told_of_it(cost: NodeCost) -> None:
    for first, second in product(SCENES, SCENES):
        found = published_distance(SceneGraph.of(first), SceneGraph.of(second), cost)
        assert found == pytest.approx(as_it_is_told(first, second, cost))


def test_objects_alone_cost_a_quarter_an_attribute_twice() -> None:
    def one(*attributes: int) -> SceneGraph:
        return SceneGraph(np.array([attributes], np.uint8), np.zeros((2, 1, 1), bool))

    assert published_distance(one(0, 0, 0, 0), one(0, 3, 1, 0), "soft") == 1
    assert published_distance(one(0, 0, 0, 0), one(0, 3, 1, 0), "hard") == 2
    nothing = SceneGraph(np.zeros((0, 4), np.uint8), np.zeros((2, 0, 0), bool))
    assert published_distance(one(0, 0, 0, 0), nothing) == published_distance(nothing, one(0, 0, 0, 0)) == 2


@pytest.mark.parametrize(("kind", "by_size", "unlike"), [("soft", 0.880, 2.14), ("hard", 0.884, 0.84)])
def test_its_faults_on_real_scenes(shared: Path, kind: str, by_size: float, unlike: float) -> None:
    scenes = read_scenes(shared / "data" / "clevr_real" / "scenes" / "CLEVR_train_scenes.json")
    distances = distance_matrix(scenes, scenes, f"published-{kind}")
    sizes = np.array([len(scene) for scene in scenes])
    others = ~np.eye(len(scenes), dtype=bool)
    ranked = [
        spearmanr(row[mask], sizes[mask]).statistic for row, mask in zip(distances, others, strict=True)
    ]
    assert np.mean(ranked) == pytest.approx(by_size, abs=0.001)
    asymmetry = np.abs(distances - distances.T)[others]
    assert asymmetry.mean() == pytest.approx(unlike, abs=0.01)
    assert asymmetry.max() > 20
