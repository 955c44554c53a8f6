"""What answers, boxes and layouts teach a Stack Neural Module Network."""

from dataclasses import fields

import pytest
import torch
from rich.console import Console
from torch.nn import functional

from visreason.data.vocabulary import CLEVR_VOCABULARY
from visreason.errors import DataError
from visreason.nn.batch import Batch
from visreason.nn.boxes import encode_boxes
from visreason.nn.layout_losses import layout_loss, location_loss, sharpening_loss
from visreason.nn.reconstruction import reconstruction_loss
from visreason.nn.referents import NO_OBJECTS, referent_loss
from visreason.tasks.halves import halves
from visreason.tasks.loader import TaskData
from visreason.tasks.recipes.layout_tasks import JointTask, StackAnsweringTask
from visreason.tasks.run_folder import RunFolder
from visreason.tasks.sources import training_data
from visreason.tasks.training import TASKS, make_model, train
from visreason.zoo.catalogue import load_recipe

TINY = {
    "inputs.image_size": [16, 24],
    "model.image.channels": [4],
    "model.dim": 8,
    "model.word_size": 8,
    "model.lstm_hidden": 8,
    "model.position_size": 4,
    "model.memory_size": 8,
    "model.answer_hidden": 8,
    "model.steps": 4,
    "training.accelerator": "cpu",
}
META = {
    "vocabulary": CLEVR_VOCABULARY.to_dict(),
    "inputs": {"kind": "pixels", "image_size": [16, 24]},
    "frame": [16, 24],
}


def make(name, **changes):
    own = {key.replace("__", "."): value for key, value in changes.items()}
    recipe = load_recipe(name, TINY | own)
    data = TaskData(range, range(0), list, META)
    return TASKS[recipe.task.name](make_model(recipe, data), recipe, 10, data).eval()


@pytest.fixture
def batch():
    """Two questions, then two expressions."""
    numbers = torch.Generator().manual_seed(0)
    boxes = torch.tensor([[float("nan")] * 4] * 2 + [[2.0, 3, 8, 6], [10.0, 5, 6, 6]])
    return Batch(
        tokens=torch.randint(1, 83, (4, 5), generator=numbers),
        lengths=torch.tensor([5, 3, 4, 5]),
        images=torch.rand(4, 3, 16, 24, generator=numbers),
        answers=torch.tensor([3, 5, -1, -1]),
        boxes=boxes,
        layouts=torch.tensor([[1, 7, 0, 0], [1, 2, 7, 0], [1, 0, 0, 0], [1, 2, 3, 0]]),
    )


def test_a_joint_step_is_the_sum_of_its_halves(batch):
    module = make("snmn-joint-layout")
    both = module.loss(batch)
    rows = torch.arange(4)
    questions, expressions = (module.loss(batch.select(part)) for part in (rows[:2], rows[2:]))
    torch.testing.assert_close(both.total, questions.total + expressions.total)
    torch.testing.assert_close(both.on_record, questions.on_record + expressions.on_record)


def test_layouts_weigh_what_the_recipe_says(batch):
    questions = batch.select(torch.arange(2))
    totals = {}
    for weight in (0.0, 1.0, 3.0):
        module = make("snmn-quick", task__layout_weight=weight)
        totals[weight] = module.loss(questions).total
    output = module.model(questions)
    extra = layout_loss(output.modules, questions.layouts)
    torch.testing.assert_close(totals[1.0] - totals[0.0], extra)
    torch.testing.assert_close(totals[3.0] - totals[0.0], 3 * extra)
    torch.testing.assert_close(totals[0.0], functional.cross_entropy(output.logits, questions.answers))


@pytest.mark.parametrize("kind", ["entropy", "maximum"])
def test_sharpening_weighs_what_the_ramp_says(batch, kind, monkeypatch):
    questions = batch.select(torch.arange(2))
    ramp = {"task__sharpen_weight": 0.5, "task__sharpen_begin": 10, "task__sharpen_end": 20}
    module = make("snmn-quick-scratch", task__sharpen_kind=kind, **ramp)
    losses = {}
    for step in (5, 15, 25):
        monkeypatch.setattr(type(module), "global_step", step)
        losses[step] = module.loss(questions).total
    undecided = sharpening_loss(module.model(questions).modules, kind)
    torch.testing.assert_close(losses[15] - losses[5], 0.25 * undecided)
    torch.testing.assert_close(losses[25] - losses[5], 0.5 * undecided)


def test_boxes_weigh_what_the_recipe_says(batch):
    expressions = batch.select(torch.arange(2, 4))
    weights = ((1.0, 1.0), (2.0, 0.5))
    totals = []
    for place, corner in weights:
        module = make(
            "snmn-loc-quick", task__place_weight=place, task__corner_weight=corner, task__layout_weight=0.0
        )
        totals.append(module.loss(expressions).total)
    half = halves(expressions, module.model(expressions))[1]
    true = encode_boxes(expressions.boxes, (16, 24), module.model.location.grid)
    places, corners = location_loss(half.output.places, half.output.corners, *true)
    for (place, corner), total in zip(weights, totals, strict=True):
        torch.testing.assert_close(total, place * places + corner * corners)
    totals[-1].backward()
    assert module.model.location.weight.grad is not None
    assert module.model.location.box.weight.grad is not None


def test_boxes_are_told_in_the_frame_of_their_file(batch, monkeypatch):
    expressions = batch.select(torch.arange(2, 4))
    near = make("snmn-loc-quick").loss(expressions).total
    monkeypatch.setitem(META, "frame", [32, 48])
    assert make("snmn-loc-quick").loss(expressions).total != near


@pytest.mark.parametrize("name", ["snmn-quick", "snmn-joint-layout"])
def test_texts_told_again_weigh_what_the_recipe_says(batch, name):
    chosen = batch if name == "snmn-joint-layout" else batch.select(torch.arange(2))
    totals = {}
    for weight in (0.5, 2.0):
        changes = {"task__reconstruct_weight": weight, "model__reconstruct__hidden": 6, "model__dropout": 0.0}
        module = make(name, **changes).train()
        found = module.loss(chosen)
        totals[weight] = found.total
    parts = [part for part in halves(chosen, module.model(chosen)) if part is not None]
    each = [reconstruction_loss(part.output.words, part.batch.tokens, part.batch.lengths) for part in parts]
    torch.testing.assert_close(totals[2.0] - totals[0.5], 1.5 * sum(each))
    assert found.figures["reconstruction_loss"] == pytest.approx(float(sum(each).detach()) / len(each))
    assert found.on_record < found.total
    totals[2.0].backward()
    assert module.model.reconstructor.reader.weight_ih_l0.grad.abs().sum() > 0


@pytest.fixture
def meant(batch):
    """The two questions with what each step of their layouts stands for: `Find` and `Transform` one object each."""
    batch.boxes = None
    chosen = batch.select(torch.arange(2))
    chosen.referents = torch.tensor([[0b01, NO_OBJECTS, *[NO_OBJECTS] * 2], [0b01, 0b10, *[NO_OBJECTS] * 2]])
    chosen.places = torch.tensor([[[0.1, 0.1], [0.9, 0.9]], [[0.4, 0.4], [0.6, 0.1]]])
    return chosen


def test_objects_of_steps_weigh_what_the_recipe_says(meant):
    totals = {}
    for weight in (0.5, 2.0):
        changes = {"task__referent_weight": weight, "model__referents": True, "model__dropout": 0.0}
        module = make("snmn-quick", **changes).train()
        found = module.loss(meant)
        totals[weight] = found.total
    output = module.model(meant)
    loss = referent_loss(output.referents, meant.referents, meant.places)
    torch.testing.assert_close(totals[2.0] - totals[0.5], 1.5 * loss)
    torch.testing.assert_close(found.on_record, functional.cross_entropy(output.logits, meant.answers))
    assert found.figures["referent_loss"] == pytest.approx(float(loss.detach()))


@pytest.mark.parametrize("name", ["snmn-joint-layout", "snmn-loc-layout"])
def test_objects_of_steps_teach_networks_that_locate(name, batch):
    batch.referents = torch.tensor([[0b01, NO_OBJECTS, 0b10, NO_OBJECTS]]).expand(len(batch), -1)
    batch.places = torch.tensor([[[0.1, 0.1], [0.9, 0.9]]]).expand(len(batch), -1, -1)
    located_B = ~batch.boxes[:, 0].isnan()
    chosen = batch if name == "snmn-joint-layout" else batch.select(located_B)
    totals = {}
    for weight in (0.5, 2.0):
        changes = {"task__referent_weight": weight, "model__referents": True, "model__dropout": 0.0}
        module = make(name, **changes).train()
        found = module.loss(chosen)
        totals[weight] = found.total
    parts = [part for part in halves(chosen, module.model(chosen)) if part is not None]
    assert len(parts) == (2 if name == "snmn-joint-layout" else 1)
    each = [referent_loss(part.output.referents, part.batch.referents, part.batch.places) for part in parts]
    torch.testing.assert_close(totals[2.0] - totals[0.5], 1.5 * sum(each))
    assert found.figures["referent_loss"] == pytest.approx(float(sum(each).detach()) / len(each))


def test_objects_of_steps_can_be_learnt(meant):
    module = make("snmn-quick", task__referent_weight=1.0, model__referents=True, model__dropout=0.0).train()
    optimiser = torch.optim.Adam(module.parameters(), lr=0.03)
    told = []
    for _ in range(25):
        optimiser.zero_grad()
        found = module.loss(meant)
        found.total.backward()
        assert module.model.modules_of_stack.find.weight.weight.grad.any()
        assert module.model.referents.scale.grad.any()
        optimiser.step()
        told.append(found.figures["referent_loss"])
    assert told[-1] < told[0] / 2


def test_a_training_records_what_the_objects_of_steps_teach(tiny_data, tmp_path):
    settings = {"task.referent_weight": 0.3, "model.referents": True, "model.steps": 9}
    settings |= {"training.epochs": 1, "logging.every_steps": 1, "batch.size": 20, "data.workers": 0}
    recipe, quiet = (
        load_recipe("snmn-quick", TINY | settings | {"model_init.conv_from": None}),
        Console(quiet=True),
    )
    data = training_data(recipe, tiny_data, quiet)
    run = RunFolder.create(tmp_path / "run", recipe, tiny_data)
    train(recipe, data, run, quiet)
    *steps, epoch = run.read_metrics()
    assert len(steps) == 3
    assert all(record["referent_loss"] > 0 for record in steps)
    assert "referent_loss" not in epoch


def test_objects_that_are_not_told_are_named(meant):
    meant.referents = None
    with pytest.raises(DataError, match=r"which task\.referent_weight asks for"):
        make("snmn-quick", task__referent_weight=1.0, model__referents=True).train().loss(meant)


def test_every_setting_of_the_tasks_is_tested():
    assert {one.name for one in (*fields(JointTask), *fields(StackAnsweringTask))} == {
        "layout_weight",
        "sharpen_weight",
        "sharpen_kind",
        "sharpen_begin",
        "sharpen_end",
        "reconstruct_weight",
        "referent_weight",
        "place_weight",
        "corner_weight",
    }


def test_missing_programs_are_named(batch):
    batch.layouts = None
    with pytest.raises(DataError, match="no programs"):
        make("snmn-quick").loss(batch.select(torch.arange(2)))
