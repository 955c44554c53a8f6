import json
from pathlib import Path
from typing import Any

import pytest

from visreason.clevr.folder import ClevrFolder
from visreason.cli.main import main


@pytest.fixture
def world(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> ClevrFolder:
    command = ["generate", str(tmp_path / "world"), "--scenes", "3", "--image-size", "48x32", "--jobs", "1"]
    assert main(command) == 0
    capsys.readouterr()
    return ClevrFolder(tmp_path / "world")


def _checks(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    return {check["name"]: check for check in json.loads(capsys.readouterr().out)}


def test_this_installation_is_sound(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--json"]) == 0
    checks = _checks(capsys)
    assert checks["torch"]["status"] == "ok"
    assert {"python", "device", "memory", "cache"} <= set(checks)


def test_a_whole_world(world: ClevrFolder, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", str(world.root), "--json"]) == 0
    checks = _checks(capsys)
    assert checks["val scenes"]["found"] == "3"
    assert checks["val questions"]["found"] == "30, 30 with answers"
    assert checks["val images"] == {"name": "val images", "status": "ok", "found": "3", "problems": []}
    assert checks["val checksums"]["found"] == "5 files unchanged"


def test_real_data(shared: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", str(shared / "data" / "clevr_real")]) == 0
    out = capsys.readouterr().out
    assert "600, 600 with answers" in out
    assert "BROKEN" not in out


def test_missing_and_broken_images_are_named(world: ClevrFolder, capsys: pytest.CaptureFixture[str]) -> None:
    first, second, _ = sorted(world.images_dir("val").iterdir())
    first.unlink()
    second.write_bytes(second.read_bytes()[:300])
    assert main(["doctor", str(world.root), "--json"]) == 1
    captured = capsys.readouterr()
    checks = {check["name"]: check for check in json.loads(captured.out)}
    assert checks["val images"]["status"] == "broken"
    assert f"{first.name} is missing" in checks["val images"]["found"]
    assert f"{second.name} is broken" in checks["val images"]["found"]
    assert "val images" in captured.err


def test_a_truncated_file_is_named(world: ClevrFolder, capsys: pytest.CaptureFixture[str]) -> None:
    path = world.scenes_file("val")
    path.write_bytes(path.read_bytes()[:-100])
    assert main(["doctor", str(world.root), "--json"]) == 1
    checks = {check["name"]: check for check in json.loads(capsys.readouterr().out)}
    assert checks["val scenes"]["status"] == "broken"
    assert path.name in checks["val scenes"]["found"]
    assert checks["val questions"]["status"] == "ok"


def test_states_alone_need_no_images(world: ClevrFolder, capsys: pytest.CaptureFixture[str]) -> None:
    for path in world.images_dir("val").iterdir():
        path.unlink()
    world.images_dir("val").rmdir()
    (world.root / "world.json").unlink()  # which says that there were images
    assert main(["doctor", str(world.root), "--json"]) == 0
    assert _checks(capsys)["val images"]["status"] == "note"


@pytest.mark.parametrize("make", [True, False])
def test_no_data_folder(tmp_path: Path, make: bool, capsys: pytest.CaptureFixture[str]) -> None:
    if make:
        (tmp_path / "empty").mkdir()
    assert main(["doctor", str(tmp_path / "empty")]) == 1
    assert "CLEVR v1.0 layout" in capsys.readouterr().err


def test_a_cache_that_cannot_be_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("VISREASON_CACHE", str(tmp_path / "file" / "cache"))
    assert main(["doctor", "--json"]) == 1
    captured = capsys.readouterr()
    checks = {check["name"]: check for check in json.loads(captured.out)}
    assert checks["cache"]["status"] == "broken"
    assert "VISREASON_CACHE" in checks["cache"]["found"]
