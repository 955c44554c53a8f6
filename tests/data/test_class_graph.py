from pathlib import Path

import numpy as np
from tests.data.wordnet_files import write_wordnet

from visreason.data.class_graph import build_graph
from visreason.data.regions.folder import read_regions
from visreason.data.regions.region_set import BACKGROUND
from visreason.data.wordnet import WordNet


def test_all_sources_at_once(tmp_path: Path) -> None:
    nouns = WordNet(write_wordnet(tmp_path))
    classes = (
        BACKGROUND,
        "car",
        "cars",
        "wheel",
        "vehicle",
        "flurb",
        "fire truck",
        "left flap",
        "right flap",
    )
    graph, report = build_graph(classes, wordnet=nouns)
    assert report.sources == {
        "is a": "WordNet",
        "has kind": "WordNet",
        "part of": "WordNet",
        "has part": "WordNet",
        "similar to": "WordNet",
        "plural of": "names",
        "singular of": "names",
        "left to right": "names",
        "right to left": "names",
    }
    assert graph.relations == tuple(report.sources)
    assert report.unknown == ("flurb", "left flap", "right flap")
    assert report.by_last_words == ("fire truck",)
    for relation in graph.relations:
        sums = graph.matrix(relation).sum(axis=1)
        np.testing.assert_allclose(sums[sums > 0], 1, atol=1e-6)


def test_annotations_and_a_told_graph(shared: Path) -> None:
    regions = read_regions(shared / "data" / "coco_sample")
    told = {"on": {("cup", "dining table"): 1.0}}
    graph, report = build_graph(regions.classes, annotations=regions, told=told)
    assert report.sources == {"on": "told", "seen with": "annotations"}
    assert report.unknown is None
    table, cup = regions.classes.index("dining table"), regions.classes.index("cup")
    assert graph.matrix("on")[cup, table] == 1
    assert graph.vectors[cup] @ graph.vectors[table] > 0.3


def test_what_is_stated_has_a_source_of_its_own_and_gets_no_inverse() -> None:
    stated = {"wear.v.01": {("man", "hat"): 3.0, ("man", "tie"): 1.0}}
    graph, report = build_graph((BACKGROUND, "man", "hat", "tie"), stated=stated)
    assert report.sources == {"wear.v.01": "statements"}
    assert graph.matrix("wear.v.01")[1].tolist() == [0, 0, 0.75, 0.25]


def test_vectors_of_a_file_are_not_changed(tmp_path: Path) -> None:
    (tmp_path / "some.vec").write_text("book 1 2 3\nbooks 3 2 1\n")
    graph, report = build_graph((BACKGROUND, "book", "books", "owl"), vectors=tmp_path / "some.vec")
    assert graph.vectors[1:3].tolist() == [[1, 2, 3], [3, 2, 1]]
    assert report.without_vector == ("owl",)
    assert report.vectors.endswith("some.vec")
