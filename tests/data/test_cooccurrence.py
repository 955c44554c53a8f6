from pathlib import Path

from tests.data.regions.conftest import picture

from visreason.data.cooccurrence import MOST, annotated_relations
from visreason.data.regions.collector import Collector, Found
from visreason.data.regions.region_set import RegionSet


def images(tmp_path: Path, *each: list[tuple[str, str | None]]) -> RegionSet:
    """Images that hold classes, each region a part of another or not."""
    collector = Collector("a test")
    for row, names in enumerate(each):
        found = [Found((0, 0, 1, 1), name, str(at), whole=whole) for at, (name, whole) in enumerate(names)]
        collector.add(picture(tmp_path / f"{row}.png"), 20, 10, found)
    return collector.finish()


def test_images_are_counted_once_and_chance_meetings_left_out(tmp_path: Path) -> None:
    table = [("cup", None), ("cup", None), ("table", None)]
    told = annotated_relations(images(tmp_path, table, table, [*table, ("dog", None)]))
    assert told["seen with"] == {("cup", "table"): 3.0, ("table", "cup"): 3.0}
    assert told["seen as part of"] == {}


def test_parts_are_counted_region_by_region(tmp_path: Path) -> None:
    car = [("car", None), ("wheel", "0"), ("wheel", "0"), ("rim", "1"), ("car", "0")]
    told = annotated_relations(images(tmp_path, car))
    assert told["seen as part of"] == {("rim", "wheel"): 1.0, ("wheel", "car"): 2.0}
    assert told["seen with part"] == {("car", "wheel"): 2.0, ("wheel", "rim"): 1.0}


def test_a_class_keeps_its_most_frequent_companions(tmp_path: Path) -> None:
    others = [(f"thing {number:02d}", None) for number in range(MOST + 5)]
    both = [("cup", None), *others]
    told = annotated_relations(images(tmp_path, both, both, [("cup", None), others[-1]]))
    ends = [end for start, end in told["seen with"] if start == "cup"]
    assert len(ends) == MOST
    assert ends[0] == others[-1][0]
