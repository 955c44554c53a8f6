from visreason.benchmarks.expressions import run
from visreason.clevr.questions import referring_templates


def test_rows() -> None:
    rows = {row.name: row for row in run(scenes=33)}
    value = {name: row.value or 0.0 for name, row in rows.items()}
    assert all(row.value is not None and row.unit for row in rows.values())
    assert value["expressions.speed"] > 0
    assert value["expressions.boxes"] > 0
    assert value["expressions.families"] == len(referring_templates().templates)
    assert 7 <= value["expressions.least-of-a-family"] <= 10 <= value["expressions.most-of-a-family"] <= 14
    assert 0 <= value["expressions.unevenness"] < 5
    assert 8 < value["expressions.length"] < 25
    assert 6 < value["expressions.program-length"] < 18
