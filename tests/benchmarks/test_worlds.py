import pytest

from visreason.benchmarks.worlds import CLEVR_SCENES, RULES, run


def test_rows() -> None:
    value = {row.name: row.value or 0.0 for row in run(scenes=5)}
    assert all(value[name] > 0 for name in value)
    assert value["worlds.compressed"] < value["worlds.plain"] / 3
    assert value["worlds.clevr.plain"] == pytest.approx(CLEVR_SCENES * value["worlds.plain"] / 1e3)
    assert sum(name.startswith("worlds.only.") for name in value) == len(RULES)
