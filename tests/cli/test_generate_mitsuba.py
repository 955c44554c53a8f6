"""Photoreal worlds from the command line, without LLVM so that they can be made anywhere."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from visreason.benchmarks.fidelity import psnr
from visreason.cli.main import main
from visreason.render.mitsuba import backend

pytest.importorskip("mitsuba")
pytest.importorskip("pyoidn")
COMMAND = ["--scenes", "3", "--questions-per-scene", "1", "--image-size", "48x32", "--masks", "--jobs", "1"]
PHOTOREAL = ["--renderer", "mitsuba"]


@pytest.fixture(autouse=True)
def _no_llvm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backend, "llvm_version", lambda: None)


def pictures(root: Path, kind: str) -> list[bytes]:
    """The files of the images or masks, in order."""
    return [path.read_bytes() for path in sorted((root / kind / "val").iterdir())]


def test_a_world_by_mitsuba_is_the_ray_casters_in_all_but_its_images(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    real, cast = tmp_path / "real", tmp_path / "cast"
    assert main(["generate", str(real), *COMMAND, *PHOTOREAL, "--refexps-per-scene", "1", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["renderer"] == "mitsuba"
    assert main(["generate", str(cast), *COMMAND, "--refexps-per-scene", "1"]) == 0
    assert pictures(real, "masks") == pictures(cast, "masks")
    for folder in ("scenes", "questions"):
        for path in (real / folder).iterdir():
            assert path.read_bytes() == (cast / folder / path.name).read_bytes()
    for path in sorted((real / "images/val").iterdir()):
        ours, theirs = (np.asarray(Image.open(root / "images/val" / path.name)) for root in (real, cast))
        assert 24 < psnr(ours, theirs) < 60
    assert main(["doctor", str(real), "--json"]) == 0


def test_it_is_gone_on_with_and_not_mixed_up(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = str(tmp_path)
    assert main(["generate", out, *COMMAND, *PHOTOREAL]) == 0
    whole = pictures(tmp_path, "images")
    manifest = json.loads((tmp_path / "world.json").read_text())
    assert "scalar_rgb with pyoidn" in manifest["splits"]["val"]["arguments"]["renderer"]
    (tmp_path / "images/val/CLEVR_val_000001.png").unlink()
    assert main(["generate", out, *COMMAND, *PHOTOREAL]) == 0
    assert pictures(tmp_path, "images") == whole
    capsys.readouterr()
    assert main(["generate", out, *COMMAND]) == 1
    error = capsys.readouterr().err
    assert "renderer mitsuba" in error
    assert "scalar_rgb with pyoidn" in error
    assert "there, raycast now" in error


def test_images_join_scenes_that_had_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bare = ["--scenes", "1", "--questions-per-scene", "1", "--image-size", "24x16", "--jobs", "1"]
    assert main(["generate", str(tmp_path), *bare, "--no-images"]) == 0
    assert main(["generate", str(tmp_path), *bare, *PHOTOREAL]) == 0
    assert len(pictures(tmp_path, "images")) == 1
    assert main(["generate", str(tmp_path), *bare, "--split", "none", "--no-images", *PHOTOREAL]) == 0
    assert not (tmp_path / "images/none").exists()


@pytest.mark.slow
def test_two_processes_make_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()  # whichever variant there is: a worker decides nothing
    command = ["--scenes", "3", "--questions-per-scene", "0", "--image-size", "128x96", *PHOTOREAL]
    assert main(["generate", str(tmp_path / "one"), *command, "--jobs", "1"]) == 0
    assert main(["generate", str(tmp_path / "two"), *command, "--jobs", "2"]) == 0
    assert pictures(tmp_path / "one", "images") == pictures(tmp_path / "two", "images")


@pytest.mark.parametrize("package", ["mitsuba", "pyoidn"])
def test_a_missing_extra_is_told_of_before_anything_is_made(
    package: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    assert main(["generate", str(tmp_path / "world"), *COMMAND, *PHOTOREAL]) == 1
    error = capsys.readouterr().err
    assert "pip install 'visreason[mitsuba]'" in error
    assert "Traceback" not in error
    assert not (tmp_path / "world").exists()
    assert main(["generate", str(tmp_path / "world"), "--scenes", "1", "--no-images", *PHOTOREAL]) == 0


def test_doctor_tells_what_of_mitsuba_works(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def told() -> tuple[str, str]:
        capsys.readouterr()
        main(["doctor", "--json"])
        found = next(check for check in json.loads(capsys.readouterr().out) if check["name"] == "mitsuba")
        return found["status"], found["found"]

    status, found = told()
    assert (status, "scalar_rgb with pyoidn" in found, "libllvm19" in found) == ("note", True, True)
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "pyoidn", None)
        status, found = told()
        assert (status, "cannot be used" in found, "need pyoidn" in found) == ("note", True, True)
    monkeypatch.setitem(sys.modules, "mitsuba", None)
    status, found = told()
    assert (status, "not installed" in found) == ("note", True)
