import copy
from typing import Any

import pytest

from visreason.clevr.questions.parsing import parse_template
from visreason.clevr.questions.purpose import REFERRING
from visreason.clevr.questions.template import Null, OutputsDiffer, Template, TemplateNode, ValuesDiffer
from visreason.errors import DataError

SLOTS = ["<Z>", "<C>", "<M>", "<S>"]
RECORD: dict[str, Any] = {
    "text": ["What color is the <Z> <M> <S>?", "Of what color is the <Z> <C> <M> <S>?"],
    "nodes": [
        {"type": "scene", "inputs": []},
        {"type": "filter_unique", "inputs": [0], "side_inputs": SLOTS},
        {"type": "query_color", "inputs": [1]},
    ],
    "params": [
        {"type": kind, "name": slot}
        for kind, slot in zip(["Size", "Color", "Material", "Shape"], SLOTS, strict=True)
    ],
    "constraints": [{"type": "NULL", "params": ["<C>"]}],
}


def parse(record: Any) -> Template:
    return parse_template(record, "zero_hop", 4, 88, "zero_hop.json, family 4")


def changed(path: list[Any], value: Any) -> dict[str, Any]:
    """The record with one thing replaced, or removed where `value` is None."""
    record = copy.deepcopy(RECORD)
    place: Any = record
    for key in path[:-1]:
        place = place[key]
    if value is None:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return record


def test_a_good_one() -> None:
    template = parse(RECORD)
    assert template.name == "zero_hop/4"
    assert template.family == 88
    assert template.texts == tuple(RECORD["text"])
    assert template.nodes[1] == TemplateNode("filter_unique", (0,), tuple(SLOTS))
    assert template.domains == {"<Z>": "size", "<C>": "color", "<M>": "material", "<S>": "shape"}
    assert template.constraints == (Null("<C>"),)


def test_all_constraints() -> None:
    entries = [{"type": "OUT_NEQ", "params": [0, 1]}, {"type": "NEQ", "params": ["<Z>", "<S>"]}]
    record = changed(["constraints"], [*RECORD["constraints"], *entries])
    assert parse(record).constraints == (Null("<C>"), OutputsDiffer(0, 1), ValuesDiffer("<Z>", "<S>"))


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (["nodes"], None, "a list 'nodes'; this one has only 'text', 'params', 'constraints'"),
        (["text"], "What?", "a list 'text'; this one has 'What\\?'"),
        (["text"], [], "has no text"),
        (["text", 0], "", "text 0 should be a sentence"),
        (["text", 0], 7, "text 0 should be a sentence, not 7"),
        (["text", 1], "What color is the <M> <S>?", "text 1: .* does not say <Z>, which"),
        (["text", 1], "What color is the <Z> <M> <S> <R>?", "slot <R>, which is not among params"),
        (["params", 0], "<Z>", "param 0 should look like"),
        (["params", 0, "type"], "Weight", r"param 0 \(<Z>\): unknown type 'Weight'; expected Size"),
        (["params", 0, "name"], "Z", "param 0: a parameter's name has angle brackets"),
        (["params", 0, "name"], "<C>", "param 1: <C> is declared twice"),
        (["nodes"], [], "has no nodes"),
        (["nodes", 1], "filter", "node 1 should be a JSON object that names its function under 'type'"),
        (
            ["nodes", 1, "type"],
            "filter_uniqe",
            r"node 1 \(filter_uniqe\): unknown function. Nearest: filter_unique",
        ),
        (["nodes", 1, "inputs"], [], r"node 1 \(filter_unique\): takes 1 inputs, got \[\]"),
        (["nodes", 1, "inputs"], [2], "input 2 is no earlier node; the earlier ones are 0 to 0"),
        (["nodes", 1, "inputs"], [True], "input True is no earlier node"),
        (
            ["nodes", 2, "inputs"],
            [0],
            r"input 0 should be of type Object, but node 0 \(scene\) gives ObjectSet",
        ),
        (["nodes", 1, "side_inputs"], SLOTS[::-1], "types size, color, material, shape in this order"),
        (["nodes", 1, "side_inputs"], ["<Z>", "<C>", "<M>", "<S9>"], "undeclared '<S9>'"),
        (["nodes", 1, "side_inputs"], "<Z>", "in this order, got <Z>"),
        (
            ["nodes", 2],
            None,
            r"the last node, 1 \(filter_unique\), gives Object; templates for questions end in Bool",
        ),
        (["constraints", 0], "NULL", "constraint 0 should look like"),
        (
            ["constraints", 0, "type"],
            "NOT",
            "constraint 0: unknown type 'NOT'; expected NULL, OUT_NEQ or NEQ",
        ),
        (["constraints", 0, "params"], ["<C9>"], "NULL takes one declared param"),
        (
            ["constraints", 0],
            {"type": "OUT_NEQ", "params": [0, 3]},
            "OUT_NEQ takes two node numbers from 0 to 2",
        ),
        (["constraints", 0], {"type": "NEQ", "params": ["<C>"]}, "NEQ takes two declared params"),
    ],
)
def test_names_what_is_wrong(path: list[Any], value: Any, message: str) -> None:
    with pytest.raises(DataError, match=rf"zero_hop\.json, family 4.*{message}"):
        parse(changed(path, value))


def test_no_object() -> None:
    with pytest.raises(DataError, match="family 4 should be a JSON object"):
        parse(["text"])


def test_every_slot_is_used_once() -> None:
    params = [*RECORD["params"], {"type": "Size", "name": "<Z2>"}]
    with pytest.raises(DataError, match="exactly one node has to use <Z2>; 0 do"):
        parse(changed(["params"], params))


def test_every_node_is_read() -> None:
    nodes = [*RECORD["nodes"][:2], {"type": "scene", "inputs": []}, {"type": "count", "inputs": [0]}]
    with pytest.raises(DataError, match=r"nothing reads node 1 \(filter_unique\), 2 \(scene\)"):
        parse(changed(["nodes"], nodes))


def test_a_template_for_expressions_ends_in_an_object() -> None:
    record = {
        "text": ["The <S>"],
        "nodes": [
            {"type": "scene", "inputs": []},
            {"type": "filter_shape", "inputs": [0], "side_inputs": ["<S>"]},
        ],
        "params": [{"type": "Shape", "name": "<S>"}],
        "constraints": [],
    }
    with pytest.raises(DataError, match="gives ObjectSet; templates for referring expressions end in Object"):
        parse_template(record, "mine", 0, 0, "mine.json, family 0", REFERRING)
    record["nodes"].append({"type": "unique", "inputs": [1]})  # type: ignore[attr-defined]
    assert parse_template(record, "mine", 0, 0, "mine.json, family 0", REFERRING).name == "mine/0"
