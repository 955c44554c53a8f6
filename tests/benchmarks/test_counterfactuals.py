from visreason.benchmarks.counterfactuals import run


def test_rows() -> None:
    value = {row.name.removeprefix("counterfactuals."): row.value or 0.0 for row in run(scenes=25)}
    assert value["speed"] > 0
    assert 45 < value["changing"] < 55  # both kinds are made equally often
    assert 0 < value["rarest-edit"] < value["commonest-edit"] < 50
