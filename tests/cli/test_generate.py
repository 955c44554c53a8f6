import errno
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from visreason.cli.main import main
from visreason.data import world_images

COMMAND = ["--scenes", "4", "--questions-per-scene", "2", "--image-size", "48x32", "--masks"]
ONE = ["--jobs", "1"]


def contents(root: Path) -> dict[str, bytes]:
    """Every file of a folder, hidden ones too."""
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


@pytest.fixture(scope="module", autouse=True)
def small_batches() -> Iterator[None]:
    """Two images a batch, so that four make work for two processes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(world_images, "_BATCH_IMAGES", 2)
        yield


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What the command makes when nothing goes wrong."""
    root = tmp_path_factory.mktemp("whole") / "world"
    assert main(["generate", str(root), *COMMAND, *ONE]) == 0
    made = contents(root)
    assert sorted(made) == sorted(
        [
            "world.json",
            "scenes/CLEVR_val_scenes.json",
            "questions/CLEVR_val_questions.json",
            "checksums/CLEVR_val.sha256",
            *(f"{kind}/val/CLEVR_val_{i:06d}.png" for kind in ("images", "masks") for i in range(4)),
        ]
    )
    return made


def test_a_world_from_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "new" / "world"
    assert main(["generate", str(out), *COMMAND, *ONE]) == 0
    captured = capsys.readouterr()
    assert captured.out.startswith(f"{out}, split val: 4 scenes, 8 questions, 4 images, 4 masks\n")
    assert "scenes and questions: 4 to make" in captured.err
    assert Image.open(out / "images/val/CLEVR_val_000003.png").size == (48, 32)
    assert main(["answer", str(out), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["agreement"] == 1.0


def test_json_and_a_second_split_without_images(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for split in ("val", "train"):
        command = ["--split", split, "--scenes", "2", "--no-images", "--seed", "5", "--json"]
        assert main(["generate", str(tmp_path / "world"), *command, *ONE]) == 0
        found = json.loads(capsys.readouterr().out)
        expected = {
            "split": split,
            "scenes": 2,
            "questions": 20,
            "refexps": 0,
            "captions": 0,
            "images": 0,
            "masks": 0,
            "counterfactuals": 0,
            "renderer": "raycast",
        }
        assert found == {"folder": str(tmp_path / "world"), **expected}
    assert not (tmp_path / "world" / "images").exists()


def test_two_processes_make_the_same_bytes(tmp_path: Path, whole: dict[str, bytes]) -> None:
    assert main(["generate", str(tmp_path), *COMMAND, "--jobs", "2"]) == 0
    assert contents(tmp_path) == whole


def test_a_killed_run_is_completed(tmp_path: Path, whole: dict[str, bytes]) -> None:
    killed_at_the_third_image = (
        "import os, signal, sys\n"
        "from visreason.cli.main import main\n"
        "from visreason.data import world_images\n"
        "world_images._BATCH_IMAGES = 2\n"
        "write, count = world_images.write_png, []\n"
        "def kill(path, pixels):\n"
        "    count.append(path)\n"
        "    if len(count) == 5:\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
        "    write(path, pixels)\n"
        "world_images.write_png = kill\n"
        "main(sys.argv[1:])\n"
    )
    arguments = ["generate", str(tmp_path), *COMMAND, *ONE]
    run = subprocess.run([sys.executable, "-c", killed_at_the_third_image, *arguments], check=False)
    assert run.returncode == -signal.SIGKILL
    (tmp_path / "images/val/.CLEVR_val_000002.png.abc.part").write_bytes(b"half")
    begun = contents(tmp_path)
    assert "images/val/CLEVR_val_000001.png" in begun
    assert "images/val/CLEVR_val_000002.png" not in begun
    assert main(arguments) == 0
    assert contents(tmp_path) == whole


def test_ctrl_c_leaves_a_folder_to_go_on_with(
    tmp_path: Path,
    whole: dict[str, bytes],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def interrupt(*arguments: object) -> None:
        raise KeyboardInterrupt

    arguments = ["generate", str(tmp_path), *COMMAND, *ONE]
    with monkeypatch.context() as patch:
        patch.setattr(world_images, "write_png", interrupt)
        assert main(arguments) == 130
    assert "the same command goes on with it" in capsys.readouterr().err
    assert main(arguments) == 0
    assert contents(tmp_path) == whole


@pytest.mark.parametrize("files", [0, 1, 3, 6])
def test_a_full_disk_is_one_message_and_nothing_half_written(
    tmp_path: Path,
    whole: dict[str, bytes],
    files: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    fsync, written = os.fsync, []

    def full(handle: int) -> None:
        if len(written) >= files:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        written.append(handle)
        fsync(handle)

    arguments = ["generate", str(tmp_path), *COMMAND, *ONE]
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        assert main(arguments) == 1
    error = capsys.readouterr().err
    assert error.count("error: ") == 1
    assert "No space left on device" in error
    assert "Traceback" not in error
    assert not [name for name in contents(tmp_path) if name.endswith(".part")]
    assert main(arguments) == 0
    assert contents(tmp_path) == whole


def test_a_foreign_folder_is_refused_and_overwriting_keeps_what_is_not_ours(
    tmp_path: Path, whole: dict[str, bytes], capsys: pytest.CaptureFixture[str]
) -> None:
    mine = {
        "thesis.tex": b"years",
        "images/val/holiday.png": b"sun",
        "images/train/CLEVR_train_000000.png": b"real",
    }
    theirs = {"scenes/CLEVR_val_scenes.json": b"old"}
    for name, text in (mine | theirs).items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(text)
    arguments = ["generate", str(tmp_path), *COMMAND, *ONE]
    assert main(arguments) == 1
    assert "holds something else" in capsys.readouterr().err
    assert contents(tmp_path) == mine | theirs
    assert main([*arguments, "--overwrite"]) == 0
    assert contents(tmp_path) == mine | whole


def test_other_arguments_need_overwrite(
    tmp_path: Path, whole: dict[str, bytes], capsys: pytest.CaptureFixture[str]
) -> None:
    longer = ["--scenes", "6", "--questions-per-scene", "1", "--no-images"]
    assert main(["generate", str(tmp_path), *longer, *ONE]) == 0
    assert main(["generate", str(tmp_path), *COMMAND, *ONE]) == 1
    error = capsys.readouterr().err
    assert "scenes 6 there, 4 now; questions per scene 1 there, 2 now" in error
    assert main(["generate", str(tmp_path), *COMMAND, *ONE, "--overwrite"]) == 0
    assert contents(tmp_path) == whole


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--image-size", "480"], "WIDTHxHEIGHT in pixels, such as 480x320; got '480'"),
        (["--image-size", "0x320"], "0x320 pixels"),
        (["--image-size", "-5x5"], "--image-size"),
        (["--image-size", "99999x99999"], "8 to 4096"),
        (["--scenes", "0"], "scenes must be at least 1"),
        (["--scenes", "many"], "many"),
        (["--jobs", "0"], "--jobs must be at least 1"),
        (["--split", "a/b"], "'a/b'"),
        (["--questions-per-scene", "1000"], "1000 questions a scene"),
        (["--templates", "nowhere"], "nowhere is no folder"),
        (["--renderer", "blender"], "blender"),
        (["--cluster", "spark"], "spark"),
        (["--only", "colour=red"], "'colour=red' is no rule"),
        (["--only", "families=84-89", "--only", "depth>=9"], "the rules leave nothing to ask"),
        (["--only", "cogent=A", "--only", "pairs=red+cube"], "cogent=A leaves 64"),
    ],
)
def test_bad_arguments_are_told_before_anything_is_made(
    tmp_path: Path, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["generate", str(tmp_path / "world"), *arguments]) == 1
    error = capsys.readouterr().err
    assert message in error
    assert "Traceback" not in error
    assert not (tmp_path / "world").exists()


def test_counterfactuals_are_a_split_of_their_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = str(tmp_path / "world")
    plain = [out, "--scenes", "3", "--no-images", *ONE]
    assert main(["generate", *plain, "--counterfactuals", "2"]) == 0
    assert "6 minimal pairs" in capsys.readouterr().out
    assert main(["answer", out, "--split", "cf_val", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["agreement"] == 1.0
    before = contents(tmp_path)
    assert main(["generate", *plain, "--counterfactuals", "2", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["counterfactuals"] == 6
    assert contents(tmp_path) == before


def test_counterfactuals_that_cannot_be_made_are_refused_before_any_file_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for arguments, message in [
        (["--counterfactuals", "-1"], "--counterfactuals must be at least 1; got -1"),
        (["--counterfactuals", "2", "--questions-per-scene", "0"], "--questions-per-scene is 0"),
        (["--counterfactuals", "two"], "--counterfactuals"),
    ]:
        assert main(["generate", str(tmp_path / "world"), "--scenes", "2", *arguments]) == 1
        assert message in capsys.readouterr().err
    assert not (tmp_path / "world").exists()


def test_a_cluster_without_ray_is_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    assert main(["generate", str(tmp_path / "world"), *COMMAND, "--cluster", "ray"]) == 1
    assert "pip install 'visreason[cluster]'" in capsys.readouterr().err
    assert not (tmp_path / "world").exists()


def test_rules_more_scenes_and_compression_from_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rules = ["--only", "cogent=A", "--only", "depth<=5", "--only", "objects=3-4", "--no-images", "--compress"]
    for scenes in ("2", "4"):
        assert main(["generate", str(tmp_path / "world"), "--scenes", scenes, *rules, *ONE]) == 0
    assert main(["generate", str(tmp_path / "whole"), "--scenes", "4", *rules, *ONE]) == 0
    assert contents(tmp_path / "world") == contents(tmp_path / "whole")
    capsys.readouterr()
    for command in ("answer", "doctor"):
        assert main([command, str(tmp_path / "world"), "--json"]) == 0
    assert '"found": "cogent=A, depth<=5, objects=3-4: obeyed by all"' in capsys.readouterr().out
    assert main(["generate", str(tmp_path / "world"), "--scenes", "3", *rules, *ONE]) == 1
    assert "only --scenes may grow" in capsys.readouterr().err
