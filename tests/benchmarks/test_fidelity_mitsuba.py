from pathlib import Path

import pytest

from visreason.benchmarks.fidelity_mitsuba import run
from visreason.errors import DataError

pytest.importorskip("mitsuba")
pytest.importorskip("pyoidn")


@pytest.mark.slow
def test_rows_sum_up_the_images_and_their_cost(shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISREASON_SHARED", str(shared))
    rows = {row.name: row.value for row in run(limit=1)}
    mean, cost = rows["fidelity-mitsuba.mean"], rows["fidelity-mitsuba.cost"]
    assert mean is not None
    assert cost is not None
    assert mean > 33
    assert rows["fidelity-mitsuba.least"] == mean
    assert cost > 0


def test_missing_reference_images_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISREASON_SHARED", str(tmp_path))
    with pytest.raises(DataError, match="VISREASON_SHARED"):
        run()
