import json
from pathlib import Path

import pytest
from PIL import Image

from visreason.cli.main import main


@pytest.fixture(scope="module")
def blind(tiny_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that reads the question alone, of the same data."""
    run = tmp_path_factory.mktemp("runs") / "blind"
    quick = ["--training.epochs", "1", "--training.accelerator", "cpu", "--data.workers", "0"]
    assert main(["train", "question-only-quick", "--data", str(tiny_data), "--out", str(run), *quick]) == 0
    return run


def test_models_that_see_different_things_are_asked_the_same_questions(
    trained: Path, blind: Path, stack_models: dict[str, str], stack_world: Path, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    out, models = tmp_path / "out", [str(trained), str(blind), stack_models["both"]]
    arguments = ["compare", *models, "--data", str(stack_world), "--output", str(out)]
    assert main([*arguments, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told == json.loads((out / "comparison.json").read_text())
    assert list(told["models"]) == models
    assert [(one["first"], one["second"]) for one in told["pairs"]] == [
        (models[0], models[1]), (models[0], models[2]), (models[1], models[2]),
    ]  # fmt: skip
    own = {name: one["accuracy"]["overall"]["value"] for name, one in told["models"].items()}
    for pair in told["pairs"]:
        overall = pair["overall"]
        assert overall["difference"]["value"] == pytest.approx(own[pair["second"]] - own[pair["first"]])
        assert sum(overall["right"].values()) == overall["difference"]["count"] == 12
        assert overall["p_adjusted"] >= overall["p"]
        assert sum(sum(one["right"].values()) for one in pair["by_type"].values()) == 12
    lines = [json.loads(line) for line in (out / "differences.jsonl").read_text().splitlines()]
    assert len(lines) == told["differing"]
    for line in lines:
        assert list(line["predictions"]) == models
        assert len(set(line["predictions"].values())) > 1
        assert line["correct"] == {name: said == line["answer"] for name, said in line["predictions"].items()}
        assert line["question"].endswith("?")
    assert Image.open(out / "comparison.png").size[0] > 300
    assert main([*arguments[:3], *arguments[4:], "--limit", "5"]) == 0
    printed = capsys.readouterr()
    assert "all questions" in printed.out
    assert "questions are not answered alike" in printed.out
    assert "wrote" in printed.err


def test_nothing_is_written_unless_asked(
    trained: Path, blind: Path, tiny_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(trained.rglob("*"))
    assert main(["compare", str(trained), str(blind), "--data", str(tiny_data), "--limit", "6"]) == 0
    assert sorted(trained.rglob("*")) == before
    assert "wrote" not in capsys.readouterr().err


def test_a_users_error_is_one_message_and_status_1(
    trained: Path, blind: Path, stack_models: dict[str, str], tiny_data: Path, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    (tmp_path / "thesis.tex").write_text("mine")
    data = ["--data", str(tiny_data)]
    for arguments, message in [
        ([str(trained), *data], "two or more"),
        ([str(trained), str(trained), *data], "different"),
        ([str(trained), "nowhere", *data], "there is no model nowhere"),
        ([str(trained), stack_models["locates"], *data], "answers no questions"),
        ([str(trained), str(blind), "--data", str(tmp_path)], "not in CLEVR v1.0 layout"),
        ([str(trained), str(blind), *data, "--output", str(tmp_path)], "thesis.tex"),
        ([str(trained), str(blind)], "required: data"),
    ]:
        assert main(["compare", *arguments]) == 1, arguments
        told = capsys.readouterr().err
        assert message in told
        assert "Traceback" not in told
