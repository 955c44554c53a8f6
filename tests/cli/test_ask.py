import json
from pathlib import Path

import pytest
from PIL import Image

from visreason.cli.main import main


@pytest.fixture
def image(tiny_data: Path) -> Path:
    return sorted((tiny_data / "images" / "val").iterdir())[0]


def test_the_likeliest_answers_are_printed(
    trained: Path, image: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["ask", str(trained), str(image), "How many cubes are there?", "--top", "3"]) == 0
    lines = capsys.readouterr().out.split("\n")
    assert sum("%" in line for line in lines) == 3


def test_json_has_answer_top_and_trace(
    trained: Path, image: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["ask", str(trained), str(image), "How many cubes are there?", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert list(told) == ["answer", "top", "trace"]
    assert len(told["top"]) == 5


@pytest.mark.parametrize("ending", ["png", "html"])
def test_the_reasoning_is_drawn(
    ending: str, trained: Path, image: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / f"why.{ending}"
    assert main(["ask", str(trained), str(image), "How many cubes are there?", "--explain", str(out)]) == 0
    assert out.stat().st_size > 1000
    assert str(out) in capsys.readouterr().out


def test_a_scene_without_an_image_file_can_be_asked_about_and_drawn(
    trained: Path, tiny_data: Path, tmp_path: Path
) -> None:
    scenes, out = tiny_data / "scenes" / "CLEVR_val_scenes.json", tmp_path / "why.png"
    question = [
        "nowhere/CLEVR_val_000003.png",
        "Is there a cube?",
        "--scene",
        str(scenes),
        "--explain",
        str(out),
    ]
    assert main(["ask", str(trained), *question]) == 0
    assert out.read_bytes().startswith(b"\x89PNG")


def test_a_users_error_is_one_message_and_status_1(
    trained: Path, image: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for arguments, message in [
        (["nowhere", str(image), "Is it red?"], "there is no model"),
        ([str(trained), str(image), ""], "empty"),
        ([str(trained), str(image), "Is it rad?"], "'red'"),
        ([str(trained), str(tmp_path / "photo.png"), "Is it red?"], "--scene FILE"),
        ([str(trained), str(image), "Is it red?", "--top", "0"], "--top must be at least 1"),
        ([str(trained), str(image), "Is it red?", "--explain", "why.gif"], ".png or .html"),
    ]:
        assert main(["ask", *arguments]) == 1
        told = capsys.readouterr().err
        assert message in told
        assert "Traceback" not in told


def test_a_soft_program_is_shown_step_by_step(
    stack_models: dict[str, str], stack_world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    image, out = sorted((stack_world / "images" / "val").iterdir())[0], tmp_path / "why.png"
    arguments = [stack_models["both"], str(image), "Is there a red cube?", "--explain", str(out), "--json"]
    assert main(["ask", *arguments]) == 0
    steps = json.loads(capsys.readouterr().out)["trace"]["steps"]
    assert len(steps) == 9
    for step in steps:
        assert len(step["text_attention"]) == 6
        assert sum(step["text_attention"]) == pytest.approx(1, abs=1e-3)
        assert step["value"].endswith("on the stack")
        assert step["name"].startswith(("describe", "no-op")) or len(step["grid"]) == 8
    assert Image.open(out).size[1] > 1000  # the film of the steps lies below
    assert main(["ask", stack_models["locates"], str(image), "Is there a red cube?"]) == 1
    told = capsys.readouterr().err
    assert "answers" in told
    assert "Traceback" not in told
