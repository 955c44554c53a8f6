"""Testing and asking models that write programs, through the command line, with fresh weights."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from visreason.clevr.program_forms import to_prefix
from visreason.clevr.questions.understand import find_program
from visreason.cli.main import main
from visreason.data.vocabulary import CLEVR_VOCABULARY
from visreason.models import build_model, save_model
from visreason.tasks.recipes.model_settings import model_config
from visreason.zoo.catalogue import load_recipe

QUESTION = "How many cubes are there?"


def fresh(folder: Path, name: str, **changes: Any) -> str:
    """A model file of an untrained recipe."""
    recipe = load_recipe(name, {f"model.{key.replace('__', '.')}": value for key, value in changes.items()})
    meta = {"vocabulary": CLEVR_VOCABULARY.to_dict(), "inputs": recipe.inputs.to_meta()}
    torch.manual_seed(0)
    path = folder / f"{name}.safetensors"
    save_model(path, build_model(recipe.model.family, model_config(recipe, meta)), meta)
    return str(path)


@pytest.fixture
def image(tiny_data: Path) -> str:
    return str(sorted((tiny_data / "images" / "val").iterdir())[0])


def test_a_program_is_printed_as_a_tree_with_what_the_oracle_finds(
    image: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["ask", fresh(tmp_path, "iep-quick"), image, QUESTION]) == 0
    told = capsys.readouterr().out
    assert "the oracle finds" in told
    lines = [line.strip() for line in told.splitlines()]
    assert any(line.startswith("scene") and "objects" in line for line in lines)
    assert sum("%" in line for line in lines) > 5


def test_without_a_scene_there_is_no_oracle(
    image: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lonely = tmp_path / "photo.png"
    lonely.write_bytes(Path(image).read_bytes())
    assert main(["ask", fresh(tmp_path, "iep-quick"), str(lonely), QUESTION, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert set(told) == {"answer", "top", "trace", "program"}
    assert told["program"]["valid"]  # iep-quick decodes by the grammar
    assert told["program"]["oracle"] is None
    assert all("truth" not in step for step in told["trace"]["steps"])
    assert len(told["trace"]["steps"]) == len(told["program"]["tokens"])


def test_what_is_no_program_is_said_to_be_none(
    image: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lax = fresh(tmp_path, "iep-quick", generator__grammar=False)
    assert main(["ask", lax, image, QUESTION]) == 0
    assert "not a program of CLEVR: " in capsys.readouterr().out


def test_a_generator_alone_is_asked_without_an_image_and_answered_by_the_oracle(
    tiny_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = fresh(tmp_path, "iep-generator-quick")
    scenes = str(tiny_data / "scenes" / "CLEVR_val_scenes.json")
    assert main(["ask", model, "nowhere/CLEVR_val_000002.png", QUESTION, "--scene", scenes, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["top"] == []
    assert told["answer"] == told["program"]["oracle"]
    assert any("truth" in step for step in told["trace"]["steps"])
    assert main(["ask", model, "nowhere/CLEVR_val_000002.png", QUESTION]) == 0
    assert "probability" in capsys.readouterr().out


def test_an_engine_alone_executes_the_parsers_program(
    image: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = fresh(tmp_path, "iep-engine-quick")
    assert main(["ask", model, image, QUESTION, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["program"]["author"] == "parser"
    assert told["program"]["tokens"] == list(to_prefix(find_program(QUESTION) or ()))
    assert told["program"]["oracle"] is not None
    assert len(told["trace"]["steps"]) == len(told["program"]["tokens"])
    assert any("truth" in step for step in told["trace"]["steps"])
    assert main(["ask", model, image, QUESTION]) == 0
    assert "the program is the parser's" in capsys.readouterr().out


def test_an_engine_alone_says_what_it_does_not_understand(
    image: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = fresh(tmp_path, "iep-engine-quick")
    for question, told in (("Red cubes cubes?", "no wording of ours fits"), ("Any pyramids?", "'pyramids'")):
        assert main(["ask", model, image, question]) == 1
        error = capsys.readouterr().err
        assert told in error
        assert "Traceback" not in error


def test_reasoning_is_drawn(image: str, tmp_path: Path) -> None:
    out = tmp_path / "why.png"
    assert main(["ask", fresh(tmp_path, "iep-quick"), image, QUESTION, "--explain", str(out)]) == 0
    assert out.read_bytes().startswith(b"\x89PNG")


def figures_of(
    model: str, data: Path, out: Path, capsys: pytest.CaptureFixture[str]
) -> tuple[Any, list[Any]]:
    """What `test` says of a model, and its predictions."""
    assert main(["test", model, "--data", str(data), "--output", str(out), "--json"]) == 0
    lines = (out / "predictions.jsonl").read_text().splitlines()
    metrics = json.loads(capsys.readouterr().out)
    assert json.loads((out / "metrics.json").read_text()) == metrics
    return metrics, [json.loads(line) for line in lines]


def test_answers_come_with_the_programs_behind_them(
    tiny_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    metrics, lines = figures_of(fresh(tmp_path, "iep-quick"), tiny_data, tmp_path / "out", capsys)
    assert metrics["task"] == "answering"
    assert set(metrics["programs"]) == {"valid", "exact", "answers"}
    assert metrics["programs"]["valid"]["value"] == 1.0
    assert metrics["programs"]["exact"]["count"] == 30
    assert set(lines[0]) >= {
        "question_index",
        "prediction",
        "correct",
        "program",
        "program_valid",
        "program_exact",
    }
    right = sum(line["program_exact"] for line in lines) / len(lines)
    assert metrics["programs"]["exact"]["value"] == pytest.approx(right)


def test_a_generator_is_measured_by_its_programs(
    tiny_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = fresh(tmp_path, "iep-generator-quick")
    metrics, lines = figures_of(model, tiny_data, tmp_path / "out", capsys)
    assert metrics["task"] == "programs"
    assert set(metrics["programs"]) == {"valid", "exact", "answers", "exact_by_type"}
    assert 0 <= metrics["symbol_accuracy"] < 0.5 < metrics["loss"]
    assert set(lines[0]) >= {"type", "program", "program_valid", "program_exact", "prediction", "answer"}
    answers = sum(line["prediction"] == line["answer"] for line in lines) / len(lines)
    assert metrics["programs"]["answers"]["value"] == pytest.approx(answers)
    assert main(["test", model, "--data", str(tiny_data), "--output", str(tmp_path / "out")]) == 0
    assert "programs that are the true one" in capsys.readouterr().out


def test_an_engine_alone_says_that_it_was_told_true_programs(
    tiny_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = fresh(tmp_path, "module-memory-quick")
    metrics, _ = figures_of(model, tiny_data, tmp_path / "out", capsys)
    assert metrics["executed"] == "the questions' true programs"
    assert main(["test", model, "--data", str(tiny_data), "--output", str(tmp_path / "out")]) == 0
    assert "the questions' true programs" in capsys.readouterr().out


def test_starting_weights_that_do_not_fit_leave_no_run_behind(
    tiny_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run, engine = tmp_path / "run", fresh(tmp_path, "iep-engine-quick")
    for given, message in (
        (engine, "has no program generator"),
        (str(tmp_path / "nowhere"), "there is no model"),
    ):
        command = ["train", "iep-quick", "--data", str(tiny_data), "--out", str(run)]
        assert main([*command, "--model_init.generator_from", given, "--model_init.engine_from", engine]) == 1
        told = capsys.readouterr().err
        assert message in told
        assert "Traceback" not in told
        assert not run.exists()
