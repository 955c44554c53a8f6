import json
from pathlib import Path

import pytest
import torch

from visreason.cli.main import main


def test_a_table_has_every_type_and_the_files_are_named(
    trained: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["test", str(trained)]) == 0
    told = capsys.readouterr()
    assert "all questions" in told.out
    assert "invalid answers" in told.out
    assert str(trained / "results" / "metrics.json") in told.err


def test_json_is_what_metrics_json_holds(
    trained: Path, tiny_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    arguments = [
        "--data",
        str(tiny_data),
        "--split",
        "train",
        "--limit",
        "10",
        "--output",
        str(out),
        "--json",
    ]
    assert main(["test", str(trained), *arguments]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told == json.loads((out / "metrics.json").read_text())
    assert told["accuracy"]["overall"]["count"] == 10


def test_checkpoints_and_model_files_are_models_too(
    trained: Path, tiny_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    figures = []
    for place, model in enumerate(("", "checkpoints/best.ckpt", "model.safetensors")):
        arguments = ["--data", str(tiny_data), "--output", str(tmp_path / str(place)), "--json"]
        assert main(["test", str(trained / model), *arguments]) == 0
        figures.append(json.loads(capsys.readouterr().out)["accuracy"])
    assert figures[0] == figures[1] == figures[2]


def test_a_users_error_is_one_message_and_status_1(
    trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pickle = tmp_path / "weights.safetensors"
    torch.save({"w": torch.ones(1)}, pickle)
    (tmp_path / "thesis.tex").write_text("mine")
    for arguments, message in [
        (["nowhere"], "there is no model nowhere"),
        ([str(pickle)], "pickle"),
        ([str(tmp_path)], "no run of visreason"),
        ([str(trained), "--data", str(tmp_path)], "not in CLEVR v1.0 layout"),
        ([str(trained), "--output", str(tmp_path)], "thesis.tex"),
        ([str(trained), "--limit", "0"], "limit"),
    ]:
        assert main(["test", *arguments]) == 1
        told = capsys.readouterr().err
        assert message in told
        assert "Traceback" not in told


def test_minimal_pairs_are_in_the_table_and_in_the_files(
    trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    world, out = tmp_path / "world", tmp_path / "out"
    made = ["--scenes", "3", "--counterfactuals", "2", "--no-images", "--jobs", "1"]
    assert main(["generate", str(world), *made]) == 0
    arguments = ["--data", str(world), "--output", str(out), "--counterfactuals"]
    assert main(["test", str(trained), *arguments]) == 0
    assert "pairs, both answers right" in capsys.readouterr().out
    assert json.loads((out / "metrics.json").read_text())["counterfactual"]["pairs"] == 6
    assert len((out / "predictions.jsonl").read_text().splitlines()) == 36


def test_data_without_minimal_pairs_are_one_message(
    trained: Path, tiny_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["test", str(trained), "--data", str(tiny_data), "--counterfactuals"]) == 1
    assert "has no minimal pairs of val" in capsys.readouterr().err
