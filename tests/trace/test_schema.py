import json

import pytest

from visreason.errors import DataError
from visreason.trace.schema import Candidate, Step, Trace


@pytest.fixture
def trace() -> Trace:
    steps = (
        Step(name="question", text_attention=(0.5, -0.25)),
        Step(
            name="relations",
            weight=1.0,
            regions=(1.0, 2.0),
            pairs=((0.0, 1.0), (2.0, 3.0)),
            cells=(1, 2),
            anchors=((0.0, 1.0), (2.0, 3.0)),
        ),
        Step(name="count", grid=((0.1, 0.2),), value="2"),
    )
    answers = (Candidate(index=2, probability=0.75), Candidate(index=0, probability=0.25))
    return Trace(family="relation-network", steps=steps, size=(128.0, 128.0), answers=answers)


def test_survives_json(trace):
    assert Trace.from_json(json.loads(json.dumps(trace.to_json()))) == trace


def test_json_leaves_out_what_is_not_there(trace):
    record = trace.to_json()
    assert record["version"] == 1
    assert record["steps"][2] == {"name": "count", "grid": ((0.1, 0.2),), "value": "2"}


def test_describe_names_words_and_answers_and_may_be_repeated(trace):
    described = trace.describe(["how", "many"], ["2", "0", "1"])
    assert described.words == ("how", "many")
    assert [one.answer for one in described.answers] == ["1", "2"]
    assert described.describe(["how", "many"], ["2", "0", "1"]) == described


def test_place_gives_anchors_to_steps_with_objects_only(trace):
    placed = trace.place([(10, 20, 9.5), (30, 40, 8.5)], size=(480, 320))
    assert placed.size == (480, 320)
    assert placed.steps[1].anchors == ((10.0, 20.0), (30.0, 40.0))
    assert placed.steps[0].anchors is None


def test_place_wants_one_position_an_object(trace):
    with pytest.raises(DataError, match="2 objects but 3 positions"):
        trace.place([(0, 0)] * 3, size=(480, 320))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"version": 2}, "version 2 was given, this visreason reads version 1"),
        ({"family": None, "steps": [{"colour": 1}]}, "unknown fields"),
        ({"steps": [{}]}, "not a reasoning trace"),
        ({"answers": [{"text": "yes"}]}, "not a reasoning trace"),
    ],
)
def test_what_is_no_trace_is_refused(trace, change, message):
    with pytest.raises(DataError, match=message):
        Trace.from_json({**trace.to_json(), **change})
