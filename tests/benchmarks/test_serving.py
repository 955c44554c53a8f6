from visreason.benchmarks.serving import run


def test_no_request_fails_and_answers_at_once_are_those_alone() -> None:
    rows = {row.name: row for row in run(requests=24, clients=6)}
    assert rows["serving.failed"].value == 0
    assert rows["serving.together"].equal
    assert rows["serving.together"].ratio
    assert {row.unit for row in rows.values()} == {"s", "ms", "questions/s", "requests"}
