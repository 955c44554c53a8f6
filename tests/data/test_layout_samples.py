"""Layouts on their whole way, from a file to a sample, against the reference's conversion."""

import json
import re

import pytest

from visreason.clevr.folder import ClevrFolder
from visreason.clevr.layouts import MODULES
from visreason.data.dataset import ClevrQuestions
from visreason.data.expressions import ClevrExpressions
from visreason.data.inputs import BlindView
from visreason.data.vocabulary import CLEVR_VOCABULARY
from visreason.data.world import generate_world
from visreason.data.world_split import WorldSplit

SETS = {"scene": "Scene", "intersect": "And", "union": "Or", "relate": "Transform"}


def by_the_book(program, steps=9):
    """The published conversion, step by step as it is told: bypass, reverse Polish notation, merge, prune, pad."""
    names = [node.get("function", node.get("type")) for node in program]

    def module(name):
        for pattern, kind in (
            ("filter_", "Filter"),
            ("same_", "Transform"),
            ("equal_|greater_|less_", "DescribeTwo"),
            ("count|exist|query_", "DescribeOne"),
        ):
            if re.match(pattern, name):
                return kind
        return SETS.get(name)

    def notation(place):
        inputs = program[place].get("inputs", [])
        if module(names[place]) == "DescribeTwo":
            inputs = [program[i]["inputs"][0] if re.match("count|query_", names[i]) else i for i in inputs]
        before = [one for i in inputs for one in notation(i)]
        return [*before, module(names[place])]

    used = {i for node in program for i in node.get("inputs", [])}
    roots = [place for place in range(len(program)) if place not in used]
    roots = roots if len(roots) == 1 else [place for place in roots if names[place] != "scene"]
    (root,) = roots
    words = " ".join(word for word in notation(root) if word is not None)
    words = words.replace("Scene Filter", "Find")
    while (shorter := re.sub(r"\b(Find|Filter) Filter\b", r"\1", words)) != words:
        words = shorter
    numbers = [MODULES.index(word) for word in words.split()]
    return numbers + [0] * (steps - len(numbers))


def write(path, records):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"info": {}, "questions": records}))


def referring(program, image):
    """An expression with this program, which ends in `unique` as CLEVR-Ref's do; layouts pass over that."""
    if program[-1]["type"] != "unique":
        program = [*program, {"type": "unique", "inputs": [len(program) - 1], "value_inputs": []}]
    return {"question": "The ball", "image_filename": image, "bbox": [1, 1, 5, 5], "program": program}


def layouts(samples):
    return [samples[row].layout.tolist() for row in range(len(samples))]


def questions(folder, split, **settings):
    return ClevrQuestions(folder, split, CLEVR_VOCABULARY, BlindView(), layout_steps=9, **settings)


def expressions(folder, split):
    return ClevrExpressions(folder, split, CLEVR_VOCABULARY, BlindView(), layout_steps=9)


@pytest.fixture
def reference(shared):
    return json.loads((shared / "fixtures/snmn_layouts.json").read_text())


def test_the_references_questions_come_with_the_references_layouts(reference, tmp_path):
    folder = ClevrFolder(tmp_path)
    keys = ("question", "answer", "program", "image_filename", "question_index")
    records = [{key: one[key] for key in keys} for one in reference["questions"]]
    for place, record in enumerate(records):
        record |= {"image_index": place, "split": "val"}
    write(folder.questions_file("val"), records)
    expected = [one["layout_inds_padded"] for one in reference["questions"]]
    assert layouts(questions(folder, "val")) == expected
    assert [by_the_book(one["program"]) for one in records] == expected


def test_the_references_expressions_come_with_the_references_layouts(reference, tmp_path):
    folder = ClevrFolder(tmp_path)
    records = [
        referring(one["program"], f"CLEVR_loc_val_{place:06d}.png")
        for place, one in enumerate(reference["loc_style"])
    ]
    write(folder.referring_file("val"), records)
    expected = [one["layout_inds_padded"] for one in reference["loc_style"]]
    assert layouts(expressions(folder, "val")) == expected
    assert [by_the_book(one["program"]) for one in records] == expected


@pytest.mark.parametrize(
    ("place", "split", "count"), [("clevr_real", "train", 600), ("clevr_real_val_questions", "val", 500)]
)
def test_every_real_question_comes_with_the_layout_of_the_book(shared, place, split, count):
    folder = ClevrFolder(shared / "data" / place)
    file = folder.questions_file(split)
    records = json.loads(file.read_text())["questions"]
    assert len(records) == count
    assert layouts(questions(folder, split, questions=file)) == [
        by_the_book(one["program"]) for one in records
    ]


def test_what_real_questions_look_at_makes_expressions_with_the_layouts_of_the_book(shared, tmp_path):
    """CLEVR-Ref's programs are questions' programs without their last function, keyed `type`."""
    folder = ClevrFolder(tmp_path)
    file = ClevrFolder(shared / "data/clevr_real").questions_file("train")
    records = []
    for one in json.loads(file.read_text())["questions"]:
        program = [{"type": node["function"], **node} for node in one["program"][:-1]]
        ends = [
            place for place in range(len(program)) if all(place not in node["inputs"] for node in program)
        ]
        if len(ends) == 1 and program[-1]["type"].split("_")[0] in ("filter", "unique", "union", "intersect"):
            nodes = [{key: value for key, value in node.items() if key != "function"} for node in program]
            records.append(referring(nodes, one["image_filename"]))
    write(folder.referring_file("train"), records)
    assert len(records) > 200
    assert layouts(expressions(folder, "train")) == [by_the_book(one["program"]) for one in records]


def test_our_own_expressions_come_with_the_layouts_of_the_book(tmp_path):
    wanted = WorldSplit(
        "val", 6, questions_per_scene=1, refexps_per_scene=8, image_size=(48, 32), images=False
    )
    folder = generate_world(tmp_path, wanted, jobs=1).folder
    records = json.loads(folder.referring_file("val").read_text())["questions"]
    found = layouts(expressions(folder, "val"))
    assert len(found) > 30
    assert found == [by_the_book(one["program"]) for one in records]
