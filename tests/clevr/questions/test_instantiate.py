from collections import Counter
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from visreason.clevr.executor import outputs
from visreason.clevr.masks import SceneMasks
from visreason.clevr.programs import Node
from visreason.clevr.questions import own_templates
from visreason.clevr.questions.instantiate import _Search, expand, instantiate, is_degenerate
from visreason.clevr.questions.options import SceneOptions
from visreason.clevr.questions.plan import Plan, Step, make_plan
from visreason.clevr.questions.template import OutputsDiffer, ValuesDiffer
from visreason.clevr.scene import Scene

PLANS = {template.name: make_plan(template, own_templates()) for template in own_templates().templates}


class PlainSearch(_Search):
    """The search as it would be without remembering dead ends."""

    def _fill_rest(self, k: int, step: Step) -> bool:
        return self.fill(k + 1)

    def _fill_with_each(self, k: int, step: Step, choices: list[Any]) -> bool:
        for choice in choices:
            self.state[len(self._plan.steps) + k] = choice
            clash = any(self._is_same_word(choice[place], j, there) for place, j, there in step.value_differs)
            if not clash and self._fill_rest(k, step):
                return True
        return False


def options_of(scene: Scene) -> SceneOptions:
    return SceneOptions(SceneMasks(scene), own_templates().values, Random(0))


@pytest.mark.parametrize("name", PLANS)
def test_memory_changes_nothing_but_the_speed(name: str, random_scene) -> None:
    plan = PLANS[name]
    options = options_of(random_scene(7, 3))
    for answer in plan.answers:
        plain = PlainSearch(plan, options, {answer}, Random(1)).fill(0)
        assert (instantiate(plan, options, {answer}, Random(1)) is not None) == plain


@pytest.mark.parametrize("name", PLANS)
def test_instances_are_well_posed(name: str, some_scenes: list[Scene]) -> None:
    plan = PLANS[name]
    found = 0
    for scene in some_scenes[:12]:
        options = options_of(scene)
        instance = instantiate(plan, options, set(plan.answers), Random(2))
        if instance is None:
            continue
        choices, answer = instance
        found += 1
        program = expand(plan.template.nodes, choices)
        assert outputs(program, options.masks)[-1] == answer
        for step, choice in zip(plan.steps, choices, strict=True):
            assert all(choice[place] is None for place in step.nulls)
        ends = template_outputs(plan, choices, options.masks)
        for constraint in plan.template.constraints:
            if isinstance(constraint, OutputsDiffer):
                assert ends[constraint.first] != ends[constraint.second]
    assert found >= 8


def template_outputs(plan: Plan, choices: tuple[Any, ...], masks: SceneMasks) -> list[Any]:
    """What every template node gives: the output of the last program node it was spelled out to."""
    ends = []
    for k in range(len(plan.steps)):
        program = expand(plan.template.nodes[: k + 1], choices[: k + 1])
        ends.append(outputs(program, masks)[-1])
    return ends


def test_only_allowed_answers(some_scenes: list[Scene]) -> None:
    plan = PLANS["zero_hop/1"]
    for scene in some_scenes[:10]:
        for answer in (True, False):
            instance = instantiate(plan, options_of(scene), {answer}, Random(0))
            assert instance is not None
            assert instance[1] is answer
    assert instantiate(plan, options_of(some_scenes[0]), set(), Random(0)) is None


def test_all_instances_of_a_family_come_up(random_scene) -> None:
    options = options_of(random_scene(3, 4))
    plan = PLANS["zero_hop/4"]
    every = {
        choice for _, members in options.of(plan.steps[1], 0b1111).shuffled(Random(0)) for choice in members
    }
    found = Counter()
    for seed in range(60 * len(every)):
        instance = instantiate(plan, options, set(plan.answers), Random(seed))
        assert instance is not None
        found[instance[0][1]] += 1
    assert set(found) == every
    assert max(found.values()) < 2 * 60
    assert min(found.values()) > 60 / 2


def test_differing_values(some_scenes: list[Scene]) -> None:
    template = PLANS["comparison/0"].template
    first, second = (node.slots for node in template.nodes if node.slots)
    differ = tuple(ValuesDiffer(first[place], second[place]) for place in (1, 3))
    strict = make_plan(replace(template, constraints=(*template.constraints, *differ)), own_templates())
    both_told = 0
    for seed in range(200):
        instance = instantiate(strict, options_of(some_scenes[seed % 20]), {True, False}, Random(seed))
        if instance:
            one, other = (choice for choice in instance[0] if choice)
            assert all(one[place] is None or one[place] != other[place] for place in (1, 3))
            both_told += one[1] is not None and other[1] is not None
    assert both_told > 10


class TestDegenerate:
    RIGHT_OF_CUBE = (
        Node("scene"),
        Node("filter_shape", (0,), ("cube",)),
        Node("unique", (1,)),
        Node("relate", (2,), ("right",)),
    )

    @pytest.fixture
    def masks(self, random_scene) -> SceneMasks:
        """A red cube and a blue ball right of it."""
        scene = random_scene(0, 2)
        cube = replace(scene.objects[0], shape="cube", color="red", position=(0.0, 0.0, 0.7))
        ball = replace(scene.objects[1], shape="sphere", color="blue", position=(1.0, 1.0, 0.7))
        stands = {"left": ((), (0,)), "right": ((1,), ()), "behind": ((), ()), "front": ((), ())}
        return SceneMasks(replace(scene, objects=(cube, ball), relationships=stands))

    def test_relation_that_counts(self, masks: SceneMasks) -> None:
        assert not is_degenerate((*self.RIGHT_OF_CUBE, Node("count", (3,))), masks)

    def test_idle_relation(self, masks: SceneMasks) -> None:
        balls = Node("filter_shape", (3,), ("sphere",))
        assert is_degenerate((*self.RIGHT_OF_CUBE, balls, Node("count", (4,))), masks)

    def test_relation_that_makes_it_unique(self, masks: SceneMasks) -> None:
        asks = (Node("unique", (3,)), Node("query_color", (4,)))
        assert not is_degenerate((*self.RIGHT_OF_CUBE, *asks), masks)

    def test_one_idle_of_two_is_enough(self, masks: SceneMasks) -> None:
        joined = (
            *self.RIGHT_OF_CUBE,
            Node("filter_shape", (0,), ("cube",)),
            Node("unique", (4,)),
            Node("relate", (5,), ("left",)),
            Node("intersect", (3, 6)),
            Node("count", (7,)),
        )
        assert is_degenerate(joined, masks)

    def test_no_relation_at_all(self, masks: SceneMasks) -> None:
        assert not is_degenerate((Node("scene"), Node("count", (0,))), masks)


class TestExpand:
    def test_numbers_nodes_on(self) -> None:
        template = PLANS["compare_integer/0"].template
        choices = ((), (None, "red", None, None), (), (), ("large", None, "metal", "cube"), (), ())
        assert expand(template.nodes, choices) == (
            Node("scene"),
            Node("filter_color", (0,), ("red",)),
            Node("count", (1,)),
            Node("scene"),
            Node("filter_size", (3,), ("large",)),
            Node("filter_material", (4,), ("metal",)),
            Node("filter_shape", (5,), ("cube",)),
            Node("count", (6,)),
            Node("equal_integer", (2, 7)),
        )

    def test_nothing_told(self) -> None:
        assert expand(PLANS["zero_hop/0"].template.nodes, ((), (None,) * 4)) == (
            Node("scene"),
            Node("count", (0,)),
        )
