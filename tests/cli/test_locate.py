import json
from pathlib import Path

import pytest
from PIL import Image

from visreason.cli.main import main
from visreason.models.stack_trace import NAMES


@pytest.fixture
def image(stack_world: Path) -> Path:
    return sorted((stack_world / "images" / "val").iterdir())[0]


@pytest.mark.parametrize("kind", ["locates", "both"])
def test_a_box_is_printed_in_pixels(
    kind: str, stack_models: dict[str, str], image: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["locate", stack_models[kind], str(image), "The red thing"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("x ")
    assert "% sure of the place" in told


def test_json_has_box_probability_and_trace(
    stack_models: dict[str, str], image: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["locate", stack_models["locates"], str(image), "The small red cube", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert list(told) == ["box", "probability", "trace"]
    x, y, width, height = told["box"]
    assert 0 <= x <= x + width <= 96.01
    assert 0 <= y <= y + height <= 64.01
    assert 1 / 96 <= told["probability"] <= 1  # of 8 x 12 cells
    trace = told["trace"]
    assert trace["words"] == ["the", "small", "red", "cube"]
    assert len(trace["steps"]) == 9
    assert all(len(step["text_attention"]) == 4 for step in trace["steps"])
    assert not trace["answers"]


def test_a_box_is_as_large_as_the_image_it_is_told_in(
    stack_models: dict[str, str], image: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    boxes = []
    for scale in (1, 4):
        file = tmp_path / f"{scale}.png"
        Image.open(image).convert("RGB").resize((96 * scale, 64 * scale), Image.Resampling.NEAREST).save(file)
        assert main(["locate", stack_models["locates"], str(file), "The red thing", "--json"]) == 0
        boxes.append(json.loads(capsys.readouterr().out)["box"])
    x, y, width, height = boxes[0]
    assert boxes[1][:2] == pytest.approx([4 * x, 4 * y], abs=8)
    assert boxes[1][2:] == pytest.approx([4 * width, 4 * height], abs=12)


@pytest.mark.parametrize("ending", ["png", "html"])
def test_box_and_reasoning_are_drawn(
    ending: str, stack_models: dict[str, str], image: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / f"box.{ending}"
    assert main(["locate", stack_models["both"], str(image), "The red thing", "--explain", str(out)]) == 0
    assert str(out) in capsys.readouterr().out
    if ending == "png":
        assert Image.open(out).size[0] > 500
    else:
        page = out.read_text()
        assert "thing" in page
        assert any(name in page for name in NAMES)  # of the modules that ran


def test_a_users_error_is_one_message_and_status_1(
    stack_models: dict[str, str],
    trained: Path,
    image: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "broken.png").write_bytes(b"no image")
    box = tmp_path / "box.gif"
    for arguments, message in [
        (["nowhere", str(image), "The red thing"], "there is no model"),
        ([stack_models["answers"], str(image), "The red thing"], "locates nothing"),
        ([str(trained), str(image), "The red thing"], "locates nothing"),
        ([stack_models["locates"], str(image), "The violet thing"], "'violet'"),
        ([stack_models["locates"], str(image), " "], "empty"),
        ([stack_models["locates"], str(tmp_path / "photo.png"), "The red thing"], "photo.png"),
        ([stack_models["locates"], str(tmp_path / "broken.png"), "The red thing"], "broken.png"),
        ([stack_models["locates"], str(image), "The red thing", "--explain", str(box)], ".png or .html"),
    ]:
        assert main(["locate", *arguments]) == 1, arguments
        told = capsys.readouterr().err
        assert message in told
        assert "Traceback" not in told
    assert not box.exists()
