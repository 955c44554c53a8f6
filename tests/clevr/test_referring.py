from typing import Any

import pytest

from visreason.clevr.programs import Node
from visreason.clevr.referring import DUMMY_ANSWER, expression_from_json, expression_to_json
from visreason.errors import DataError, ProgramError

PROGRAM = [
    {"inputs": [], "function": "scene", "value_inputs": []},
    {"inputs": [0], "function": "filter_shape", "value_inputs": ["sphere"]},
    {"inputs": [1], "function": "unique", "value_inputs": []},
]


def record(**changes: Any) -> dict[str, Any]:
    full = {
        "question_index": 7,
        "image_index": 2,
        "image_filename": "CLEVR_val_000002.png",
        "split": "val",
        "question": "The ball",
        "answer": DUMMY_ANSWER,
        "program": PROGRAM,
        "bbox": [10, 20, 30, 40],
        "full_bbox": [9, 20, 31, 40],
        "object_index": 1,
        "question_family_index": 6,
        "template": "attributes/0",
    }
    return full | changes


def test_there_and_back() -> None:
    expression = expression_from_json(record(note="kept"))
    assert (expression.box, expression.full_box, expression.object_index) == (
        (10, 20, 30, 40),
        (9, 20, 31, 40),
        1,
    )
    assert expression.program is not None
    assert expression.program[-1] == Node("unique", (1,))
    assert expression_to_json(expression) == record(note="kept")


def test_clevr_refs_own_records_say_less() -> None:
    nodes = [
        {"type": "scene", "inputs": [], "_output": [0, 1]},
        {"type": "filter_color", "inputs": [0], "side_inputs": ["red"]},
        {"type": "unique", "inputs": [1], "side_inputs": []},
    ]
    given = {"image_filename": "CLEVR_loc_train_000000.png", "question": "The red thing", "program": nodes}
    expression = expression_from_json({**given, "bbox": [1.5, 2, 3, 4], "answer": "cube"}, position=12)
    assert (expression.index, expression.image_index, expression.split) == (12, None, None)
    assert (expression.box, expression.full_box, expression.extra) == ((1.5, 2, 3, 4), None, {})


def test_what_is_withheld_is_left_out() -> None:
    hidden = expression_from_json(record(program=None, bbox=None, full_bbox=None, object_index=None))
    assert (hidden.program, hidden.box) == (None, None)
    assert not {"program", "bbox", "full_bbox", "object_index"} & expression_to_json(hidden).keys()


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        ([], "should be a JSON object"),
        ({"question": "The ball"}, "no key 'image_filename'"),
        (record(question=" "), "the expression is empty"),
        (record(question=3), "'question' should be of type str"),
        (record(object_index="1"), "'object_index' should be of type int"),
        (record(bbox=[1, 2]), r"'bbox' should be \[x, y, width, height\]"),
        (record(full_bbox=[1, 2, 0, 4]), "'full_bbox' is .* positive"),
    ],
)
def test_a_malformed_record_is_an_error(broken: Any, message: str) -> None:
    with pytest.raises(DataError, match=f"^expression 4.*{message}"):
        expression_from_json(broken, "expression 4")


@pytest.mark.parametrize(
    ("nodes", "message"),
    [
        (
            PROGRAM[:2],
            r"node 1 \(filter_shape\): gives ObjectSet; the program of a referring expression ends in unique",
        ),
        ([*PROGRAM, {"function": "query_size", "inputs": [2], "value_inputs": []}], r"node 3 \(query_size\)"),
        ([{"function": "sphere"}], "unknown function"),
        ("unique", "a program is a list of nodes"),
    ],
)
def test_a_program_gives_one_object(nodes: Any, message: str) -> None:
    with pytest.raises(ProgramError, match=message):
        expression_from_json(record(program=nodes))
