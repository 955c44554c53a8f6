"""What answers, and the objects that a program's steps stand for, teach a network that answers."""

from dataclasses import replace

import pytest
import torch

from visreason.data.vocabulary import CLEVR_VOCABULARY
from visreason.errors import DataError, UsageError
from visreason.nn.batch import Batch
from visreason.nn.referents import NO_OBJECTS, referent_loss
from visreason.tasks.loader import TaskData
from visreason.tasks.modules.answering import Answering, answer_losses, of_referents
from visreason.tasks.training import make_model
from visreason.zoo.catalogue import load_recipe

TINY = {
    "inputs.image_size": [16, 24],
    "model.image.channels": [4, 4],
    "model.dim": 4,
    "model.classifier_projection": 4,
    "model.classifier_widths": [6],
    "training.accelerator": "cpu",
}
META = {"vocabulary": CLEVR_VOCABULARY.to_dict(), "inputs": {"kind": "pixels", "image_size": [16, 24]}}


def make(**changes: object) -> Answering:
    torch.manual_seed(0)
    named = {key.replace("__", "."): value for key, value in changes.items()}
    recipe = load_recipe("iep-engine-quick", TINY | named)
    data = TaskData(range, range(0), list, META)
    return Answering(
        make_model(replace(recipe, model_init=load_recipe("iep-engine").model_init), data), recipe, 10, data
    )


@pytest.fixture
def batch() -> Batch:
    """`count(scene)` and `exist(scene)` on two images."""
    numbers = {name: CLEVR_VOCABULARY.functions.index(name) + 4 for name in ("count", "exist", "scene")}
    return Batch(
        tokens=torch.ones(2, 3, dtype=torch.long),
        lengths=torch.tensor([3, 3]),
        images=torch.rand(2, 3, 16, 24, generator=torch.Generator().manual_seed(0)),
        programs=torch.tensor([[numbers["count"], numbers["scene"]], [numbers["exist"], numbers["scene"]]]),
        referents=torch.tensor([[NO_OBJECTS, 0b1], [NO_OBJECTS, 0b11]]),
        places=torch.tensor([[[0.1, 0.1], [torch.nan, torch.nan]], [[0.2, 0.9], [0.7, 0.3]]]),
        answers=torch.tensor([3, 5]),
    )


def test_referents_add_their_loss_and_answers_alone_are_on_record(batch: Batch) -> None:
    task = make(task__referent_weight=0.5, model__referents=True).train()
    loss = task.loss(batch)
    output = task.model(batch)
    answers = answer_losses(output, batch).mean()
    assert batch.referents is not None
    assert batch.places is not None
    meant = referent_loss(output.referents, batch.referents, batch.places)
    torch.testing.assert_close(loss.total, answers + 0.5 * meant)
    torch.testing.assert_close(loss.on_record, answers)
    assert loss.figures == pytest.approx({"referent_loss": float(meant.detach())})


def test_referents_teach_the_modules_below_the_last(batch: Batch) -> None:
    task = make(task__referent_weight=0.5, model__referents=True).train()
    of_referents(task.model(batch), batch).backward()
    scene, count = (task.model.by_number[str(number)] for number in batch.programs[0, [1, 0]].tolist())
    assert all(one.grad is not None and one.grad.any() for one in scene.parameters() if one.dim() > 1)
    assert all(one.grad is None or not one.grad.any() for one in count.parameters())


def test_without_programs_referents_cannot_teach(batch: Batch) -> None:
    task = make(task__referent_weight=0.5, model__referents=True).train()
    with pytest.raises(DataError, match=r"no programs, which task\.referent_weight asks for"):
        task.loss(replace(batch, referents=None))


def test_a_weight_needs_a_network_that_tells() -> None:
    with pytest.raises(
        UsageError, match=r"task\.referent_weight must be 0 where model\.referents is not true"
    ):
        make(task__referent_weight=0.5)


def test_a_network_that_chooses_cells_is_taught_where_anything_is(batch: Batch) -> None:
    changes = {"inputs.augment": False, "inputs.image_size": [16, 24], "training.accelerator": "cpu"}
    sizes = {"model.conv_channels": [4, 4], "model.attended_cells": 3, "model.dropout": 0.0}
    recipe = load_recipe("rn-pixels", changes | sizes | {"task.referent_weight": 0.5})
    data = TaskData(range, range(0), list, META)
    task = Answering(make_model(recipe, data), recipe, 10, data).train()
    loss = task.loss(batch)
    output = task.model(batch)
    assert batch.places is not None
    everything = torch.tensor([[0b1], [0b11]])
    meant = referent_loss(output.referents, everything, batch.places)
    torch.testing.assert_close(loss.total, answer_losses(output, batch).mean() + 0.5 * meant)


def test_a_relation_network_of_all_cells_has_nothing_to_choose() -> None:
    with pytest.raises(
        UsageError, match=r"task\.referent_weight must be 0 where model\.attended_cells is null"
    ):
        load_recipe("rn-pixels", {"task.referent_weight": 0.5, "inputs.augment": False})
