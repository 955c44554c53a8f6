import json
from pathlib import Path

import pytest
import torch
from PIL import Image

from visreason.cli.main import main
from visreason.models import build_model, save_model

CONFIG = {"vocabulary_size": 2, "answer_count": 2, "conv_channels": [4], "g_widths": [6, 7, 8]}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("model") / "rn.safetensors"
    save_model(
        path, build_model("relation-network", CONFIG), {"inputs": {"kind": "pixels", "image_size": [16, 16]}}
    )
    return str(path)


def test_a_data_folders_split(
    model: str, tiny_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "index"
    assert main(["index", model, str(tiny_data), str(out), "--split", "val"]) == 0
    assert capsys.readouterr().out == f"{out}: 6 images, 7 numbers each (layer g2, mean, normalised: both)\n"
    assert sorted(path.name for path in out.iterdir()) == ["features.npy", "ids.json", "index.json"]


def test_choices_and_json(
    model: str, tiny_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [
        str(tiny_data),
        str(tmp_path / "index"),
        "--split",
        "val",
        "--layer",
        "conv",
        "--aggregation",
        "rmac",
    ]
    assert main(["index", model, *arguments, "--dtype", "float16", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert set(told) == {"path", "images", "unreadable", "settings"}
    settings = told["settings"]
    assert (settings["layer"], settings["aggregation"], settings["normalise"]) == ("conv", "rmac", "vectors")
    assert (settings["size"], settings["dtype"], told["images"]) == (4, "float16", 6)


def test_unreadable_images_are_named(model: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "images").mkdir()
    Image.new("RGB", (8, 8)).save(tmp_path / "images/good.png")
    (tmp_path / "images/bad.png").write_text("no image")
    assert main(["index", model, str(tmp_path / "images"), str(tmp_path / "index")]) == 0
    told = capsys.readouterr()
    assert "1 images, 1 left out" in told.out
    assert "left out: " in told.err
    assert "bad.png is not an image" in told.err


@pytest.mark.parametrize(
    ("images", "more", "told"),
    [
        ("empty", [], "holds no images"),
        ("nowhere", [], "is no folder"),
        ("data", [], "name one of its splits with --split (train, val)"),
        ("data", ["--split", "test"], "has no images of a split 'test'"),
        ("data", ["--split", "val", "--layer", "g7"], "has no layer 'g7'; it has g0, g1, g2, g3, conv"),
        ("data", ["--split", "val", "--aggregation", "rmac"], "rmac is for maps of cells"),
        ("data", ["--split", "val", "--batch-size", "0"], "--batch-size must be at least 1"),
    ],
)
def test_bad_input_is_answered_in_one_line(
    images: str,
    more: list[str],
    told: str,
    model: str,
    tiny_data: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "empty").mkdir()
    place = tiny_data if images == "data" else tmp_path / images
    assert main(["index", model, str(place), str(tmp_path / "index"), *more]) == 1
    error = capsys.readouterr().err
    assert told in error
    assert error.count("\n") == 1
    assert not (tmp_path / "index").exists()


def test_an_index_is_not_overwritten_by_chance(
    model: str, tiny_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["index", model, str(tiny_data), str(tmp_path / "index"), "--split", "val"]
    assert main(arguments) == 0
    assert main(arguments) == 1
    assert "holds an index already" in capsys.readouterr().err
    assert main([*arguments, "--overwrite"]) == 0
