from visreason.benchmarks.feature_reading import run


def test_both_forms_hold_the_same_numbers():
    (row,) = run(images=70, shape=(2, 3, 4), rounds=1)
    assert row.name == "feature-reading.shards"
    assert row.equal
    assert row.ratio > 0
