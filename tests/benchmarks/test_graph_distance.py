import pytest

from visreason.benchmarks.graph_distance import run


def test_rows() -> None:
    rows = {row.name.removeprefix("graph-distance."): row for row in run(scenes=12)}
    assert rows["small"].equal is True
    assert rows["proved"].value == 100
    assert 0 < (rows["greedy"].value or 0) < 20
    assert min(rows[name].value or 0 for name in ("symmetric", "published")) > 0


def test_small_scenes_that_are_not_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("visreason.benchmarks.graph_distance.plain_distance", lambda one, other: 0.5)
    assert {row.name: row.equal for row in run(scenes=6)}["graph-distance.small"] is False
