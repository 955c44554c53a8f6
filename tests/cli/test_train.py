import json
import os
from pathlib import Path

import pytest
import yaml

from visreason.cli.main import main
from visreason.tasks import training

QUICK = ["--training.epochs", "1", "--training.accelerator", "cpu", "--data.workers", "0"]


def test_a_run_is_complete_and_says_what_to_do_next(trained: Path) -> None:
    files = {path.relative_to(trained).as_posix() for path in trained.rglob("*") if path.is_file()}
    assert files >= {
        "config.yaml", "environment.json", "metrics.jsonl", "model.safetensors",
        "checkpoints/last.ckpt", "checkpoints/best.ckpt",
        "results/metrics.json", "results/predictions.jsonl", "results/confusion.png",
    }  # fmt: skip


def test_print_config_is_a_recipe_with_the_changes_in_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "rn-pixels", "--print-config", "--optimiser.lr", "1e-4", "--batch.size=32"]) == 0
    config = yaml.safe_load(capsys.readouterr().out)
    assert (config["optimiser"]["lr"], config["batch"]["size"]) == (1e-4, 32)
    assert config["schedule"] == {"name": "slow-start", "start": 5e-6, "gamma": 2.0, "step": 20}


def test_json_tells_run_and_score(
    tiny_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "seeds"
    arguments = ["train", "question-only-quick", "--data", str(tiny_data), "--out", str(out), *QUICK]
    assert main([*arguments, "--seeds", "1,2", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [Path(run["run"]).name for run in told["runs"]] == ["seed-1", "seed-2"]
    assert told["score"] == max(run["score"] for run in told["runs"]) == told["spread"]["highest"]


def test_several_seeds_of_a_soft_program_tell_best_and_spread(
    tiny_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, sizes = tmp_path / "seeds", ("dim", "word_size", "lstm_hidden", "memory_size", "answer_hidden")
    small = [part for name in sizes for part in (f"--model.{name}", "8")]
    small += [
        "--model.position-size",
        "4",
        "--model.image.channels",
        "[4]",
        "--inputs.image-size",
        "[16, 24]",
    ]
    small += [
        "--data.limit",
        "12",
        "--batch.size",
        "12",
        "--model.steps",
        "9",
        "--model_init.conv_from",
        "null",
    ]
    arguments = ["train", "snmn-quick-scratch", "--data", str(tiny_data), "--out", str(out), *QUICK, *small]
    assert main([*arguments, "--seeds", "1,2"]) == 0
    told = capsys.readouterr().out
    assert "2 seeds: best" in told
    assert "(standard deviation)" in told
    for seed in (1, 2):
        figures = json.loads((out / f"seed-{seed}" / "results" / "metrics.json").read_text())
        assert {"exact", "steps", "valid"} <= set(figures["layout"])


def test_without_data_the_embedded_world_is_made_and_its_unseen_scenes_are_tested(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    world = ["--world.scenes", "6", "--world.validation-scenes", "3", "--world.questions-per-scene", "3"]
    out = tmp_path / "run"
    assert main(["train", "rn-quick", "--out", str(out), *world, *QUICK]) == 0
    assert "accuracy" in capsys.readouterr().out
    metrics = json.loads((out / "results" / "metrics.json").read_text())
    assert (metrics["data"], metrics["split"]) == ("generated world", "val")
    assert metrics["accuracy"]["overall"]["count"] == 9


def test_ctrl_c_says_how_to_go_on_and_resuming_does(
    tiny_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "run"
    real, steps = training.TASKS["answering"].training_step, iter(range(2))

    def step(module: training.TaskModule, *arguments: object) -> object:
        if next(steps, None) is None:
            raise KeyboardInterrupt
        return real(module, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(training.TASKS["answering"], "training_step", step)
    arguments = [
        "train",
        "rn-quick",
        "--data",
        str(tiny_data),
        "--out",
        str(out),
        *QUICK,
        "--batch.size",
        "16",
    ]
    assert main([*arguments, "--checkpoint.every-steps", "1"]) == 130
    told = capsys.readouterr().err
    assert f"--resume {out}" in told
    assert "Traceback" not in told
    monkeypatch.undo()
    assert main(["train", "--resume", str(out)]) == 0
    assert "4 steps" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["train"], "which recipe"),
        (["train", "rn-quik"], "Did you mean rn-quick"),
        (["train", "rn-quick", "--optimiser.lrr", "1"], "Did you mean optimiser.lr"),
        (["train", "rn-quick", "--optimiser.lr", "fast"], "optimiser.lr must be a float; got fast"),
        (["train", "rn-quick", "--seeds", "one"], "--seeds takes numbers"),
        (["train", "--resume", "nowhere"], "no run folder nowhere"),
        (["train", "rn-quick", "--data", "nowhere"], "nowhere is no folder"),
        (["train", "rn-quick", "--resume", "RUN"], "leave out a recipe"),
        (["train", "rn-quick", "--out", "RUN"], "already holds a run"),
    ],
)
def test_a_users_error_is_one_message_and_status_1(
    arguments: list[str], message: str, trained: Path, tmp_path: Path,
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    assert main([str(trained) if word == "RUN" else word for word in arguments]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert message in told.err
    assert "Traceback" not in told.err


def test_data_that_is_wrong_leaves_no_run_behind(tmp_path: Path) -> None:
    assert main(["train", "rn-quick", "--data", str(tmp_path), "--out", str(tmp_path / "run"), *QUICK]) == 1
    assert not (tmp_path / "run").exists()


def test_images_are_rendered_while_training_and_while_testing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    world = ["--world.scenes", "3", "--world.validation-scenes", "2", "--world.questions-per-scene", "2"]
    inputs = ["--inputs.render", "true", "--inputs.augment", "false", "--inputs.image-size", "[16, 24]"]
    model = ["--model.g-widths", "[8, 8]", "--model.conv-channels", "[4, 4]", "--data.workers", "0"]
    short = ["--training.epochs", "1", "--batch.size", "2", "--training.accelerator", "cpu"]
    out = tmp_path / "run"
    worlds = Path(os.environ["VISREASON_CACHE"])
    before = set(worlds.glob("worlds/*/images"))  # other tests' worlds
    assert main(["train", "rn-pixels", "--out", str(out), *world, *inputs, *model, *short]) == 0
    assert main(["test", str(out), "--json", "--output", str(tmp_path / "again")]) == 0
    assert '"count": 4' in capsys.readouterr().out
    assert set(worlds.glob("worlds/*/images")) == before
