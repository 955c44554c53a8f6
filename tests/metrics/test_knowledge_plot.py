from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from visreason.metrics.knowledge_plot import plot_knowledge

CLASSES = ("-", "cup", "plate", "table", "dog", "cat")
EDGES = np.array([[0, 1, 3], [0, 2, 3], [1, 3, 1], [1, 3, 2], [2, 4, 5], [2, 5, 4]])
RELATIONS = ("on", "under", "like")


def test_words_and_lines(tmp_path: Path) -> None:
    assert plot_knowledge(CLASSES, RELATIONS, EDGES, tmp_path / "all.png") == list(CLASSES[1:])
    few = plot_knowledge(CLASSES, RELATIONS, EDGES, tmp_path / "cup.png", of=1)
    assert few == ["cup", "table"]
    one, other = (np.asarray(Image.open(tmp_path / name)) for name in ("all.png", "cup.png"))
    assert one.shape != other.shape
    assert (one < 250).sum() > (other < 250).sum() > 1000


@pytest.mark.parametrize(("most", "count"), [(2, {0, 2}), (4, {3, 4})])
def test_no_more_classes_than_asked_for(tmp_path: Path, most: int, count: set[int]) -> None:
    assert len(plot_knowledge(CLASSES, RELATIONS, EDGES, tmp_path / "some.png", most=most)) in count


def test_a_class_without_an_edge_and_a_graph_without_any(tmp_path: Path) -> None:
    nothing = np.zeros((0, 3), np.int64)
    assert plot_knowledge(CLASSES, RELATIONS, nothing, tmp_path / "one.png", of=1) == ["cup"]
    assert plot_knowledge(CLASSES, RELATIONS, nothing, tmp_path / "none.png") == []
    assert (tmp_path / "none.png").is_file()
