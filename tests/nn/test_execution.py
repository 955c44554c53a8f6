"""Schedules: everything once, after what it reads, in few calls; and gradients through them."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from visreason.nn.execution import execute, plan
from visreason.nn.functions import Functions
from visreason.nn.program_tree import Grammar

LANGUAGE = Functions(("scene", "red", "count", "union"), (0, 1, 1, 2))
SCENE, RED, COUNT, UNION = range(4, 8)
GRAMMAR = Grammar(LANGUAGE)


def worded(number, inputs):
    """Execution in words: what a function gives is its name and its inputs."""
    name = LANGUAGE.name(number)
    return [f"{name}({', '.join(read)})" for read in zip(*inputs, strict=True)]


def one_by_one(tree, image):
    words = []
    for number, inputs in zip(tree.numbers, tree.inputs, strict=True):
        words.append(worded(number, [[words[one]] for one in inputs] or [[image]])[0])
    return words


programs = st.lists(st.lists(st.integers(0, LANGUAGE.symbols - 1), max_size=12), min_size=1, max_size=9)


@given(programs, st.integers(1, 4))
def test_every_program_gets_what_it_would_get_alone(rows, images):
    trees = [GRAMMAR.tree(row) for row in rows]
    image_rows = [row % images for row in range(len(rows))]
    schedule = plan(trees, image_rows, images)
    results = [f"image {number}" for number in range(images)]
    for call in schedule.calls:
        results += worded(call.number, [[results[one] for one in source] for source in call.sources])
    for tree, image, places in zip(trees, image_rows, schedule.results, strict=True):
        assert [results[place] for place in places] == one_by_one(tree, f"image {image}")
    assert len(set(results)) == len(results)  # nothing twice


def test_equal_parts_of_programs_about_one_image_are_computed_once():
    trees = [
        GRAMMAR.tree(row) for row in ((COUNT, RED, SCENE), (RED, SCENE), (UNION, RED, SCENE, RED, SCENE))
    ]
    shared, apart = plan(trees, [0, 0, 0], 1), plan(trees, [0, 1, 2], 3)
    assert sum(len(call.sources[0]) for call in shared.calls) == 4  # scene, red, count, union
    assert sum(len(call.sources[0]) for call in apart.calls) == 3 + 3 + 1 + 1
    assert shared.results[2] == (1, 2, 1, 2, shared.results[2][-1])


def test_a_call_waits_for_the_nodes_that_come_later():
    rows = [(RED, SCENE), (RED, COUNT, SCENE), (RED, COUNT, COUNT, SCENE)]
    schedule = plan([GRAMMAR.tree(row) for row in rows], [0, 1, 2], 3)
    assert [call.number for call in schedule.calls] == [SCENE, COUNT, COUNT, RED]


def test_fewer_calls_than_by_depth_on_real_programs(shared):
    from visreason.clevr.questions_file import read_questions
    from visreason.data.vocabulary import CLEVR_VOCABULARY

    language = Functions(CLEVR_VOCABULARY.functions, CLEVR_VOCABULARY.arities)
    asked = read_questions(shared / "data/clevr_real/questions/CLEVR_train_questions.json")[::9][:64]
    trees = [Grammar(language).tree(CLEVR_VOCABULARY.encode_program(one.program)) for one in asked]
    by_depth = set()
    for tree in trees:
        depths = []
        for number, inputs in zip(tree.numbers, tree.inputs, strict=True):
            depths.append(1 + max((depths[one] for one in inputs), default=0))
            by_depth.add((number, depths[-1]))
    assert len(plan(trees, range(64), 64).calls) < 0.55 * len(by_depth)


def test_gradients_are_those_of_execution_one_by_one():
    torch.manual_seed(0)
    images = torch.randn(3, 2, 3, 3, dtype=torch.float64, requires_grad=True)
    factors = torch.randn(LANGUAGE.symbols, dtype=torch.float64, requires_grad=True)

    def apply(number, inputs):
        return torch.sin(factors[number] * sum((place + 1) * one for place, one in enumerate(inputs)))

    rows = [
        (COUNT, RED, SCENE),
        (UNION, RED, SCENE, COUNT, RED, SCENE),
        (UNION, UNION, SCENE, RED),
        (RED, SCENE),
    ]
    trees, image_rows = [GRAMMAR.tree(row) for row in rows], [0, 0, 1, 2]
    schedule = plan(trees, image_rows, 3)
    results = execute(schedule, images, apply)
    together = torch.stack([results[places[-1]] for places in schedule.results])
    alone = []
    for tree, image in zip(trees, image_rows, strict=True):
        maps = []
        for number, inputs in zip(tree.numbers, tree.inputs, strict=True):
            maps.append(apply(number, [maps[one] for one in inputs] or [images[image]]))
        alone.append(maps[-1])
    torch.testing.assert_close(together, torch.stack(alone))
    upstream = torch.randn_like(together)
    for fast, literal in zip(
        torch.autograd.grad(together, [images, factors], upstream),
        torch.autograd.grad(torch.stack(alone), [images, factors], upstream),
        strict=True,
    ):
        torch.testing.assert_close(fast, literal)


@pytest.mark.parametrize("count", [1, 3])
def test_a_call_gets_all_its_nodes_side_by_side(count):
    seen = []

    def apply(number, inputs):
        seen.append((number, inputs[0].shape))
        return inputs[0]

    execute(
        plan([GRAMMAR.tree((RED, SCENE))] * count, range(count), count), torch.zeros(count, 2, 1, 1), apply
    )
    assert seen == [(SCENE, (count, 2, 1, 1)), (RED, (count, 2, 1, 1))]
