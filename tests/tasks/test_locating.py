"""Locating: a run from recipe to box, its report, its files, and what is refused."""

import json

import numpy as np
import pytest
from PIL import Image

from visreason.clevr.folder import ClevrFolder
from visreason.cli.main import main
from visreason.data.world import generate_world
from visreason.data.world_split import WorldSplit
from visreason.errors import ModelError
from visreason.tasks.loading import load_any
from visreason.tasks.locating import locate_model, mark_box
from visreason.zoo.catalogue import load_recipe

TINY = {
    "inputs.image_size": "[16, 24]",
    "model.image.channels": "[4]",
    "model_init.conv_from": "null",
    "model.dim": "8",
    "model.word_size": "8",
    "model.lstm_hidden": "8",
    "model.position_size": "4",
    "model.memory_size": "8",
    "model.answer_hidden": "8",
    "model.steps": "9",
    "training.epochs": "1",
    "training.accelerator": "cpu",
    "batch.size": "8",
    "batch.per_image": "2",
    "data.workers": "0",
}
FLAGS = [part for name, value in TINY.items() for part in (f"--{name}", value)]


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    root = tmp_path_factory.mktemp("world")
    for split, scenes in (("train", 5), ("val", 3)):
        wanted = WorldSplit(split, scenes, questions_per_scene=3, refexps_per_scene=2, image_size=(48, 32))
        generate_world(root, wanted, jobs=1)
    return root


@pytest.fixture(scope="module")
def joint(world, tmp_path_factory):
    """A run that learnt both tasks for an epoch."""
    run = tmp_path_factory.mktemp("runs") / "joint"
    assert main(["train", "snmn-joint-layout", "--data", str(world), "--out", str(run), *FLAGS]) == 0
    return run


def test_a_joint_run_reports_both_tasks_and_their_layouts(joint):
    figures = json.loads((joint / "results/metrics.json").read_text())
    assert figures["task"] == "joint"
    assert figures["accuracy"]["overall"]["count"] == 9
    assert figures["iou50"]["overall"]["count"] == figures["mean_iou"]["overall"]["count"] == 6
    assert list(figures["layout"]) == ["answering", "locating"]
    rows = (joint / "results/results.csv").read_text().splitlines()
    assert any(row.startswith("mean_iou.overall,") for row in rows)
    lines = [json.loads(line) for line in (joint / "results/predictions.jsonl").read_text().splitlines()]
    assert len(lines) == 15
    assert {len(line["box"]) for line in lines if "box" in line} == {4}
    assert all("layout" in line for line in lines)
    epochs = [json.loads(line) for line in (joint / "metrics.jsonl").read_text().splitlines()]
    last = epochs[-1]
    assert last["joint_score"] == (last["accuracy"] + last["iou50"]) / 2


def test_locate_prints_and_draws_a_box(joint, world, tmp_path, capsys):
    image = str(ClevrFolder(world).image_path("val", "CLEVR_val_000000.png"))
    picture = tmp_path / "box.png"
    assert main(["locate", str(joint), image, "The red thing", "--json", "--explain", str(picture)]) == 0
    found = json.loads(capsys.readouterr().out)
    x, y, width, height = found["box"]
    assert 0 <= x <= x + width <= 48.01
    assert 0 <= y <= y + height <= 32.01
    assert len(found["trace"]["steps"]) == 9
    assert Image.open(picture).size[0] > 500
    assert main(["locate", str(joint), image, "The violet thing"]) == 1
    assert "'violet'" in capsys.readouterr().err
    assert main(["ask", str(joint), image, "Is there a red thing?", "--top", "2"]) == 0


def test_answers_are_written_in_the_questions_order(joint, world, tmp_path, capsys):
    path = tmp_path / "answers.txt"
    arguments = ["test", str(joint), "--data", str(world), "--split", "val", "--answers", str(path)]
    assert main(arguments) == 0
    lines = (joint / "results/predictions.jsonl").read_text().splitlines()
    asked = [json.loads(line)["prediction"] for line in lines if "answer" in json.loads(line)]
    assert path.read_text().splitlines() == asked
    assert main(arguments) == 1
    assert "exists" in capsys.readouterr().err


def test_a_network_that_answers_locates_nothing(tiny_data, tmp_path, capsys):
    run = tmp_path / "run"
    flags = [*FLAGS, "--training.epochs", "1"]
    assert main(["train", "snmn-quick-scratch", "--data", str(tiny_data), "--out", str(run), *flags]) == 0
    figures = json.loads((run / "results/metrics.json").read_text())
    assert figures["task"] == "answering"
    assert {"exact", "steps", "valid"} <= set(figures["layout"])
    with pytest.raises(ModelError, match="locates nothing"):
        locate_model(load_any(run), "The red ball", np.zeros((32, 48, 3), np.uint8))
    capsys.readouterr()
    assert (
        main(["train", "snmn-loc-quick", "--data", str(tiny_data), "--out", str(tmp_path / "b"), *FLAGS]) == 1
    )
    assert "CLEVR_loc_train_questions.json" in capsys.readouterr().err
    assert not (tmp_path / "b").exists()


def test_a_box_is_drawn_where_it_is():
    marked = mark_box(np.zeros((320, 480, 3), np.uint8), (100, 50, 40, 30))
    rows, columns = np.nonzero(marked.any(axis=2))
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (50, 79, 100, 139)


def test_every_recipe_of_the_six_published_ones_is_there():
    for task, name in (("vqa", "stack-answering"), ("loc", "locating"), ("joint", "joint")):
        for kind in ("scratch", "layout"):
            recipe = load_recipe(f"snmn-{task}-{kind}")
            assert recipe.task.name == name
            assert (recipe.task.layout_weight > 0) == (kind == "layout")
            assert recipe.training.ema == 0.999
