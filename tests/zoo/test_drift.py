from visreason.zoo.drift import Drift


def test_drift_is_told_by_question() -> None:
    card = Drift({}, [("yes", 0.9), ("2", 0.4), ([1.0, 2.0, 3.0, 4.0], 0.8)])
    assert card.differences(Drift({}, [("yes", 0.905), ("3", 0.395), ([1.2, 2.0, 3.0, 4.0], 0.8)])) == []
    changed = card.differences(Drift({}, [("no", 0.9), ("2", 0.6), ([1.0, 2.0, 3.0, 9.0], 0.8)]))
    assert [one.split(":")[0] for one in changed] == ["question 0", "question 1", "question 2"]
    assert "1 questions were asked" in card.differences(Drift({}, [("yes", 0.9)]))[0]
