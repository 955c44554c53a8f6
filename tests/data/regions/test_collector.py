from pathlib import Path

import pytest

from visreason.data.regions.collector import Collector, Found, frequent
from visreason.data.regions.region_set import BACKGROUND
from visreason.errors import DataError

from .conftest import picture


def test_rare_classes_are_left_out_and_the_rest_is_sorted(tmp_path: Path) -> None:
    collector = Collector("a test", minimum=2)
    names = ["pot", "cup", "pot", "cup", "dot"]
    found = [Found((0, 0, 1, 1), name, str(row)) for row, name in enumerate(names)]
    collector.add(picture(tmp_path / "a.png"), 20, 10, found)
    regions = collector.finish()
    assert regions.classes == (BACKGROUND, "cup", "pot")
    assert regions.images[0].labels.tolist() == [2, 1, 2, 1]
    assert regions.images[0].ids == ("0", "1", "2", "3")
    assert regions.report.oddities[0].examples == ("dot",)


def test_the_most_frequent_unknown_classes_are_named_first(tmp_path: Path) -> None:
    collector = Collector("a test", classes=(BACKGROUND, "cup"))
    names = ["cup", "a", "b", "b", "c", "c", "c"]
    found = [Found((0, 0, 1, 1), name, str(row)) for row, name in enumerate(names)]
    collector.add(picture(tmp_path / "a.png"), 20, 10, found)
    (unknown,) = collector.finish().report.oddities
    assert (unknown.kind, unknown.count, unknown.examples) == ("unknown class", 6, ("c × 3", "b × 2", "a"))
    assert str(unknown).startswith("6 × a region's class is not in the list: it is left out (c × 3, b × 2, a")


def test_parts_follow_their_wholes(tmp_path: Path) -> None:
    collector = Collector("a test")
    found = [
        Found((30, 0, 40, 1), "cup", "outside"),
        Found((0, 0, 9, 9), "handle", "1", whole="2"),
        Found((0, 0, 9, 9), "cup", "2", whole="outside"),
        Found((0, 0, 9, 9), "handle", "3", whole="unheard of"),
    ]
    collector.add(picture(tmp_path / "a.png"), 20, 10, found)
    assert collector.finish().images[0].wholes.tolist() == [1, -1, -1]


def test_wrong_findings(tmp_path: Path) -> None:
    collector = Collector("a test")
    file = picture(tmp_path / "a.png")
    with pytest.raises(DataError, match=r"the box of region 7 of a\.png is"):
        collector.add(file, 20, 10, [Found((0, 0, float("nan"), 1), "cup", "7")])
    collector.add(tmp_path / "gone.png", 20, 10, [Found((0, 0, 1, 1), "cup", "7")])
    with pytest.raises(DataError, match="no class has 1 regions or more"):
        collector.finish()
    with pytest.raises(DataError, match=r"a list of classes begins with '__background__'; got \['cup'\]"):
        Collector("a test", classes=["cup"]).finish()


def test_frequent() -> None:
    assert frequent((BACKGROUND, "b", "a", "c", "d"), {"b": 2, "a": 2, "c": 1}, 2) == (BACKGROUND, "b", "a")
