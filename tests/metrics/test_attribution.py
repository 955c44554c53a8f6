import pytest
from hypothesis import given
from hypothesis import strategies as st

from visreason.clevr.controls import STEPS
from visreason.errors import UsageError
from visreason.metrics.attribution import Attribution


@given(st.lists(st.sampled_from(STEPS), min_size=1, max_size=40))
def test_shares_add_up_to_one(steps: list[str]) -> None:
    types = ["count" if i % 3 else "exist" for i in range(len(steps))]
    found = Attribution.of("questions", 100, steps, types, range(len(steps)), [])
    assert sum(one.value for one in found.steps.values()) == pytest.approx(1)
    assert found.wrong == len(steps)
    for name, shares in found.by_type.items():
        assert sum(one.value for one in shares.values()) == pytest.approx(1)
        assert shares["parse"].count == types.count(name)
    for name, share in found.steps.items():
        assert share.value == steps.count(name) / len(steps)
        assert share.low <= share.value <= share.high


def test_controls_and_programs_are_shares_too() -> None:
    judged = [("perceive", True, 0), ("perceive", False, 1), ("count", True, 1)]
    found = Attribution.of(
        "programs", 9, ["parse", "count"], ["exist", "exist"], [0, 1], judged, ["other", "exact"]
    )
    assert {name: one.value for name, one in found.controls.items()} == {"perceive": 0.5, "count": 1.0}
    assert found.programs is not None
    assert found.programs["exact"].value == 0.5
    names = [row[0] for row in found.table()]
    assert names[:2] == ["wrong answers, first at parse", "wrong answers, first at perceive"]
    assert "controlled questions right, count" in names
    assert "wrong answers, program other" in names
    assert names[-1] == "wrong answers by"
    told = found.to_dict()
    assert told["steps"]["count"]["value"] == 0.5
    assert (told["asked"], told["wrong"], told["evidence"]) == (9, 2, "programs")


def test_no_wrong_answer_has_no_shares() -> None:
    found = Attribution.of("questions", 5, [], [], [], [])
    assert found.steps == {}
    assert found.table() == [("wrong answers by", "questions", "0")]
    assert found.to_dict()["steps"] == {}


def test_bad_arguments() -> None:
    with pytest.raises(UsageError, match="a step"):
        Attribution.of("questions", 5, ["guess"], ["count"], [0], [])
    with pytest.raises(UsageError, match="2 images"):
        Attribution.of("questions", 5, ["count"], ["count"], [0, 1], [])
