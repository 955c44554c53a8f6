import json
from pathlib import Path

import pytest
import torch

from visreason.cli.main import main
from visreason.data.images import load_image
from visreason.models import build_model, save_model

CONFIG = {"vocabulary_size": 2, "answer_count": 2, "conv_channels": [4], "g_widths": [6, 7, 8]}


def write_model(path: Path, seed: int) -> str:
    torch.manual_seed(seed)
    save_model(
        path, build_model("relation-network", CONFIG), {"inputs": {"kind": "pixels", "image_size": [16, 16]}}
    )
    return str(path)


@pytest.fixture(scope="module")
def index(tiny_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("retrieval")
    model = write_model(folder / "rn.safetensors", 0)
    assert main(["index", model, str(tiny_data), str(folder / "index"), "--split", "val"]) == 0
    return folder / "index"


def test_an_image_finds_itself_first(
    index: Path, tiny_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    image = tiny_data / "images/val/CLEVR_val_000003.png"
    assert main(["search", str(index), "--image", str(image), "-k", "2", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert set(told) == {"query", "results"}
    first, second = told["results"]
    assert first == {"rank": 1, "number": 3, "image": image.name, "distance": pytest.approx(0, abs=1e-4)}
    assert second["distance"] > first["distance"]


def test_a_description_is_drawn_and_searched_for(
    index: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sheet = tmp_path / "found.png"
    words = "red metal cube left of large sphere; blue cylinder"
    assert (
        main(["search", str(index), "--scene", words, "--draws", "2", "--sheet", str(sheet), "--json"]) == 0
    )
    told = json.loads(capsys.readouterr().out)
    assert [thing["shape"] for thing in told["scene"]["objects"]] == ["cube", "sphere", "cylinder"]
    assert len(told["results"]) == 6
    assert load_image(sheet).shape[1] > 1000


def test_a_table_and_the_sheet_are_told_of(
    index: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scene = tmp_path / "scene.json"
    scene.write_text('{"objects": [{"color": "red"}]}')
    arguments = ["search", str(index), "--scene", str(scene), "-k", "3", "--sheet", str(tmp_path / "a.png")]
    assert main(arguments) == 0
    out = capsys.readouterr().out
    assert out.count("CLEVR_val_") == 3
    assert f"the sheet: {tmp_path / 'a.png'}" in out


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ([], "either --image FILE or --scene"),
        (["--image", "a.png", "--scene", "cube"], "either --image FILE or --scene"),
        (["--image", "nowhere.png"], "nowhere.png does not exist"),
        (["--scene", "gren cube"], "'gren' in 'gren cube' is not known here. Did you mean 'green'"),
        (["--scene", "cube left of sphere; sphere left of cube"], "this cannot be"),
        (["--scene", "cube", "-k", "0"], "at least 1 result; got 0"),
        (["--scene", "cube", "--sheet", "found.pdf"], "a sheet is a .png file"),
        (["--scene", "cube", "--model", "nowhere"], "there is no model nowhere"),
    ],
)
def test_bad_queries_are_answered_in_one_line(
    query: list[str], told: str, index: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["search", str(index), *query]) == 1
    error = capsys.readouterr().err
    assert told in error
    assert error.count("\n") == 1


def test_the_index_of_another_model_is_refused(
    index: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = write_model(tmp_path / "other.safetensors", 1)
    assert main(["search", str(index), "--scene", "cube", "--model", other]) == 1
    assert "is not the model that this index was made with (checksum" in capsys.readouterr().err


def test_what_is_no_index_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["search", str(tmp_path), "--scene", "cube"]) == 1
    assert "is no index" in capsys.readouterr().err
