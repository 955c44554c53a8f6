from visreason.benchmarks.scenes import run
from visreason.clevr.sampling import MIN_VISIBLE


def test_rows() -> None:
    value = {row.name: row.value or 0.0 for row in run(scenes=20)}
    assert value["scenes.speed"] > 0
    assert MIN_VISIBLE <= value["scenes.least-visible-of-all"] <= value["scenes.least-visible"] < 480 * 320
