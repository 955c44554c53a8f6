from pathlib import Path

import numpy as np
import pytest
from tests.data.regions.conftest import write_json

from visreason.data.knowledge import make_graph, read_knowledge, write_knowledge
from visreason.data.regions.region_set import BACKGROUND
from visreason.errors import DataError

NAMES = (BACKGROUND, "a", "b", "c")


def test_rows_sum_to_one_and_the_background_has_none() -> None:
    pairs = {("b", "a"): 1.0, ("a", "c"): 3.0, ("a", "b"): 1.0}
    graph = make_graph(NAMES, {"near": pairs, "on": {("c", "a"): 7.0}}, np.zeros((4, 5), np.float32))
    near = graph.matrix("near")
    np.testing.assert_allclose(near, [[0, 0, 0, 0], [0, 0, 0.25, 0.75], [0, 1, 0, 0], [0, 0, 0, 0]])
    assert graph.matrix("on").sum() == 1
    assert graph.edges.tolist() == sorted(graph.edges.tolist())
    assert (graph.edges.dtype, graph.weights.dtype, graph.vectors.dtype) == (np.int64, np.float32, np.float32)


def test_a_graph_without_edges() -> None:
    graph = make_graph(NAMES, {}, np.zeros((4, 2), np.float32))
    assert graph.edges.shape == (0, 3)
    assert graph.weights.shape == (0,)


def test_a_told_graph_gets_its_inverses_once(tmp_path: Path) -> None:
    edges = {"on": [["a", "b"], ["c", "b", 3]], "with": [["a", "b"], ["b", "a"]]}
    path = write_json(tmp_path / "knowledge.json", {"classes": ["a", "b", "c"], "edges": edges})
    classes, relations = read_knowledge(path)
    assert classes == NAMES
    assert relations["on"] == {("a", "b"): 1.0, ("c", "b"): 3.0}
    assert relations["on, inverted"] == {("b", "a"): 1.0, ("b", "c"): 3.0}
    assert list(relations) == ["on", "on, inverted", "with"]
    graph = make_graph(classes, relations, np.zeros((4, 2), np.float32))
    write_knowledge(tmp_path / "again.json", graph)
    again = make_graph(*read_knowledge(tmp_path / "again.json"), graph.vectors)
    assert (again.classes, again.relations) == (graph.classes, graph.relations)
    np.testing.assert_array_equal(again.edges, graph.edges)
    np.testing.assert_allclose(again.weights, graph.weights, atol=1e-6)


def test_inverses_have_their_usual_names_unless_others_have_them(tmp_path: Path) -> None:
    def named(**edges: list[list[str]]) -> list[str]:
        told = {name.replace("_", " "): pairs for name, pairs in edges.items()}
        path = write_json(tmp_path / "knowledge.json", {"classes": ["a", "b", "c"], "edges": told})
        return list(read_knowledge(path)[1])

    assert named(part_of=[["a", "b"]]) == ["part of", "has part"]
    assert named(has_kind=[["a", "b"]]) == ["has kind", "is a"]
    assert named(part_of=[["a", "b"]], has_part=[["b", "a"]]) == ["part of", "has part"]
    assert named(part_of=[["a", "b"]], has_part=[["c", "a"]]) == [
        "part of",
        "part of, inverted",
        "has part",
        "has part, inverted",
    ]


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        ({("a", "x"): 1.0}, "an edge from 'a' to 'x', but 'x' is not among the 3 classes"),
        ({(BACKGROUND, "a"): 1.0}, "'__background__' is not among"),
        ({("a", "a"): 1.0}, "an edge joins two classes"),
        ({("a", "b"): 0.0}, r"of weight 0\.0; a weight is above 0"),
        ({("a", "b"): float("inf")}, "of weight inf"),
    ],
)
def test_impossible_edges(pairs: dict[tuple[str, str], float], message: str) -> None:
    with pytest.raises(DataError, match=message):
        make_graph(NAMES, {"on": pairs}, np.zeros((4, 2), np.float32))


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ([], "a knowledge file is"),
        ({"classes": "a", "edges": {}}, "a knowledge file is"),
        ({"classes": ["a"]}, '"edges" should be'),
        ({"classes": ["a"], "edges": {"on": {}}}, '"edges" should be'),
        ({"classes": ["a"], "edges": {"on": [["a"]]}}, r"'on': an edge is \[\"from\", \"to\"\]"),
        ({"classes": ["a"], "edges": {"on": [["a", "b", "c"]]}}, "'on': an edge is"),
    ],
)
def test_wrong_files(tmp_path: Path, document: object, message: str) -> None:
    path = write_json(tmp_path / "knowledge.json", document)
    with pytest.raises(DataError, match=message):
        read_knowledge(path)
