"""Testing in several processes: the results of a single one, of every kind of report."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from visreason.benchmarks.families import SETTINGS
from visreason.cli.main import main
from visreason.data.regions.folder import read_regions
from visreason.data.vocabulary import CLEVR_VOCABULARY
from visreason.errors import DataError, UsageError
from visreason.models import build_model, save_model
from visreason.tasks.team import Team, is_first_process, started_together

EACH = """
import json, sys
from contextlib import suppress
from visreason.cli.main import main
for status, words in json.loads(sys.argv[1]):
    with suppress(SystemExit):
        assert main(words) == status
"""
"""Several commands in one process, which imports PyTorch once; the processes that join it run the same script."""

OWN = {
    "relation-network": ["--counterfactuals", "--attribute"],
    "iep": [],
    "program-generator": [],
    "stack-nmn": [],
    "attribute-cnn": [],
    "attribute-detector": [],
    "relation-counter": [],
    "region-local": ["--batch-size", "1"],
    "region-full": ["--limit", "1"],
}
"""For every kind of report a family, and what its test is told; of one image the first process gets no batch."""


@pytest.fixture(scope="module")
def tests(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """A test of each family, on seven scenes of three questions or three images with boxes."""
    root = tmp_path_factory.mktemp("team")
    world = "--split val --scenes 7 --questions-per-scene 3 --refexps-per-scene 1 --counterfactuals 1"
    made = ["generate", str(root / "world"), *world.split(), "--image-size", "96x64", "--jobs", "1"]
    assert main(made) == 0
    assert main(["generate-regions", str(root / "regions"), "--split", "val", "--images", "3"]) == 0
    classes = read_regions(root / "regions", "val").classes
    torch.manual_seed(0)
    commands = {}
    for family, own in OWN.items():
        data, given = root / "world", SETTINGS[family]
        meta: dict[str, Any] = {
            "inputs": {"kind": "pixels", "image_size": [96, 144]},
            "vocabulary": CLEVR_VOCABULARY.to_dict(),
        }
        if family.startswith("region-"):
            data, given = root / "regions", given | {"class_count": len(classes)}
            inputs = {"kind": "regions", "short": 64, "long": 96}
            meta = {"inputs": inputs, "classes": classes, "frequencies": [1] * len(classes)}
        save_model(root / f"{family}.safetensors", build_model(family, given), meta)
        words = ["test", str(root / f"{family}.safetensors"), "--data", str(data), "--batch-size", "4"]
        commands[family] = [*words, *own]
    return commands


@pytest.mark.slow
def test_two_processes_find_what_one_finds(tests: dict[str, list[str]], tmp_path: Path) -> None:
    script = tmp_path / "each.py"
    script.write_text(EACH)
    told = [run(script, tests, tmp_path / devices, devices) for devices in ("1", "2")]
    one, two = (read(tmp_path / devices) for devices in ("1", "2"))
    assert {path.parent.name for path in one} == {*OWN, ""}
    assert len(one[Path("answers.txt")].splitlines()) == 21
    assert one.keys() == two.keys()
    assert [str(name) for name in one if not alike(one[name], two[name])] == []
    for words in told:  # an image of the last share is damaged: whoever met that, one told it
        assert words.count("error: ") == words.count("CLEVR_val_000006.png cannot be read") == 1
        assert "Traceback" not in words


def run(script: Path, tests: dict[str, list[str]], out: Path, devices: str) -> str:
    """Make every test, one that writes answers, and one of a damaged image; return what was told on the way."""
    shared = ["--devices", devices, "--accelerator", "cpu"]
    commands = [(0, [*words, *shared, "--output", str(out / name)]) for name, words in tests.items()]
    commands.append((0, [*tests["iep"], *shared, "--split", "val", "--answers", str(out / "answers.txt")]))
    test, model, flag, data, *others = tests["stack-nmn"]
    damaged = shutil.copytree(data, out.with_suffix(".damaged"))
    image = damaged / "images/val/CLEVR_val_000006.png"
    image.write_bytes(image.read_bytes()[:-300])
    words = [test, model, flag, str(damaged), *others, *shared]
    commands.append((1, [*words, "--output", str(out / "nothing")]))
    done = subprocess.run(
        [sys.executable, str(script), json.dumps(commands)],
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stderr


def read(out: Path) -> dict[Path, Any]:
    """What the files below a folder hold; of pictures and tables, which show the same figures, only that they exist."""
    found: dict[Path, Any] = {}
    for path in sorted(out.rglob("*.*")):
        name = path.relative_to(out)
        if path.suffix == ".jsonl":
            found[name] = [json.loads(line) for line in path.read_text().splitlines()]
        elif path.suffix == ".npz":
            found[name] = {key: array.tolist() for key, array in np.load(path, allow_pickle=False).items()}
        elif path.suffix == ".json":
            found[name] = json.loads(path.read_text())
        else:
            found[name] = path.read_text() if path.suffix == ".txt" else None
    return found


def alike(one: Any, other: Any) -> bool:
    """Whether two documents are the same but for the last digits of numbers, which hang on where memory lies."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(alike(value, other[key]) for key, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(alike, one, other))
    return bool(one == (pytest.approx(other, rel=1e-4, abs=2e-5) if isinstance(other, float) else other))


def test_one_of_them_speaks_and_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    assert is_first_process()
    for name in ("RANK", "LOCAL_RANK", "NODE_RANK", "SLURM_PROCID"):
        with monkeypatch.context() as patch:
            patch.setenv(name, "1")
            assert not is_first_process()
            assert not Team(devices=2).is_first
            assert Team().is_first  # a job of its own on each of a cluster's places


def test_who_was_started_together(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not started_together()
    monkeypatch.setenv("SLURM_NTASKS", "2")
    assert started_together()


def test_the_others_end_where_the_first_returns(monkeypatch: pytest.MonkeyPatch) -> None:
    team = Team(devices=2, accelerator="cpu")
    with team.reporting():
        pass
    with pytest.raises(DataError), team.reporting():
        raise DataError("nothing there")
    monkeypatch.setenv("LOCAL_RANK", "1")
    with pytest.raises(SystemExit) as ended, team.reporting():
        pass
    assert ended.value.code == 0
    with pytest.raises(DataError), team.reporting():  # before it has joined the first one knows nothing of it
        raise DataError("nothing there")


def test_devices_that_are_not_there(capsys: pytest.CaptureFixture[str], tiny_data: Path) -> None:
    with pytest.raises(UsageError, match="at least 1; got 0 and 1"):
        Team(devices=0)
    if torch.cuda.is_available():
        pytest.skip("this machine has a GPU")
    for team in (Team(accelerator="gpu"), Team(devices=2, accelerator="gpu")):
        with pytest.raises(UsageError, match="accelerator gpu"):
            team.join()


def test_saved_predictions_need_no_devices(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    np.savez(tmp_path / "predictions.npz")
    words = ["test", "mine", "--predictions", str(tmp_path / "predictions.npz"), "--devices", "2"]
    assert main(words) == 1
    assert "--predictions FILE goes with" in capsys.readouterr().err
