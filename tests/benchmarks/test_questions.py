import pytest

from visreason.benchmarks.questions import OFFICIAL_SHARES, run


def test_rows() -> None:
    rows = {row.name: row for row in run(scenes=60)}
    assert all(row.value is not None and row.unit for row in rows.values())
    value = {name: row.value or 0.0 for name, row in rows.items()}
    assert value["questions.speed"] > 0
    assert value["questions.families"] == 90
    assert 5 <= value["questions.least-of-a-family"] <= 600 / 90 <= value["questions.most-of-a-family"] <= 9
    assert value["questions.yes"] == pytest.approx(0.5, abs=0.1)
    assert 0.2 <= value["questions.yes-in-family-0"] <= 0.8
    for kind, share in OFFICIAL_SHARES.items():
        assert value[f"questions.share.{kind.replace(' ', '-')}"] == pytest.approx(100 * share, abs=3)
    assert sum(value[name] for name in value if ".share." in name) == pytest.approx(100)
    assert value["questions.length"] == pytest.approx(18.4, rel=0.1)
    assert value["questions.program-length"] == pytest.approx(11.2, rel=0.1)
