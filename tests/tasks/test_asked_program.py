from typing import Any

import pytest

from visreason.clevr.program_forms import from_prefix
from visreason.clevr.sampling import sample_scene, scene_rng
from visreason.clevr.scene import Scene
from visreason.tasks.asked_program import AskedProgram, tree_lines, truths, with_truth
from visreason.trace.schema import Step, Trace


@pytest.fixture
def scene() -> Scene:
    return sample_scene(scene_rng(0, "val", 0), 0, "val")


def named(scene: Scene, index: int) -> str:
    thing = scene.objects[index]
    return f"{thing.size} {thing.color} {thing.material} {thing.shape}"


def test_the_oracle_names_objects_counts_many_and_answers(scene: Scene) -> None:
    color = scene.objects[0].color
    told = truths(from_prefix(("count", f"filter_color[{color}]", "scene")), scene)
    same = [named(scene, index) for index, thing in enumerate(scene.objects) if thing.color == color]
    assert told[0] == f"{len(scene)} objects"
    assert told[1] == (", ".join(same) if len(same) <= 3 else f"{len(same)} objects")
    assert told[2] == str(len(same))


def test_a_step_that_finds_no_single_object_says_so_and_the_rest_have_nothing_to_go_on(scene: Scene) -> None:
    told = truths(from_prefix(("query_color", "unique", "scene")), scene)
    assert told[1:] == ["not exactly one object", "nothing to go on from"]
    asked = AskedProgram.of(("query_color", "unique", "scene"), scene)
    assert (asked.fault, asked.oracle) == (None, None)


def test_truth_finds_the_right_branch_of_a_tree(scene: Scene) -> None:
    tokens = ("less_than", "count", "filter_shape[cube]", "scene", "count", "scene")
    steps = [
        Step(name="scene", reads=()),  # of the second branch, in an order of the engine's own
        Step(name="count", reads=(0,)),
        Step(name="scene", reads=()),
        Step(name="filter_shape[cube]", reads=(2,)),
        Step(name="count", reads=(3,)),
        Step(name="less_than", reads=(4, 1)),
    ]
    told = with_truth(Trace(family="iep", steps=tuple(steps)), tokens, scene)
    cubes = sum(thing.shape == "cube" for thing in scene.objects)
    assert told.steps[1].truth == str(len(scene))
    assert told.steps[4].truth == str(cubes)
    assert told.steps[5].truth == ("yes" if cubes < len(scene) else "no")


def test_what_is_no_program_is_shown_with_its_fault_and_no_truth(scene: Scene) -> None:
    tokens = ("count", "exist", "scene")
    trace = Trace(family="iep", steps=(Step(name="scene", reads=()),))
    assert with_truth(trace, tokens, scene) is trace
    told: dict[str, Any] = AskedProgram.of(tokens, scene).to_dict()
    assert told["tokens"] == ["count", "exist", "scene"]
    assert (told["valid"], told["oracle"]) == (False, None)
    assert "node 1 (exist) is Bool" in told["fault"]


def test_a_tree_is_indented_by_depth_first_input_first() -> None:
    steps = [
        Step(name="scene", reads=()),
        Step(name="exist", reads=(0,)),
        Step(name="scene", reads=()),
        Step(name="union", reads=(1, 2)),
    ]
    assert [text for text, _ in tree_lines(steps)] == ["union", "  exist", "    scene", "  scene"]
    assert tree_lines([]) == []
