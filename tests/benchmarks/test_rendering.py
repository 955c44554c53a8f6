from visreason.benchmarks.rendering import run


def test_rows_say_speed_cost_and_the_gain_of_edges() -> None:
    rows = {row.name: row for row in run(sizes=[(32, 24, 2)], cores=1)}
    speed, cost, edges = (rows[f"rendering.32x24{end}"] for end in ("", ".cost", ".edges"))
    assert speed.value is not None
    assert speed.value > 0
    assert cost.value is not None
    assert cost.value > 0
    assert edges.ratio is not None
    assert edges.ratio > 0
    assert edges.equal is not None
