"""The commands that are killed: each leaves files behind, and the same one, or --resume, goes on with them."""

import contextlib
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from visreason.clevr.folder import ClevrFolder
from visreason.cli.main import main
from visreason.models import build_model, save_model
from visreason.tasks.checkpoint import read_checkpoint

Kept = set[tuple[str, object]]
"""What an interrupted command has done, which the next one must not do again or lose."""

SCENES = 600
"""Images whose features are extracted: three shards of them."""


@dataclass(frozen=True, slots=True)
class Job:
    """One command, run in a folder of its own.

    Attributes:
        name: what it does.
        start: its arguments.
        locked: the folder that it holds, so that a second one is refused; None where two may follow each other.
        resume: the arguments that go on with what lies in the folder.
        kept: what is done so far, in the folder.
    """

    name: str
    start: list[str]
    locked: str | None
    resume: Callable[[Path], list[str]]
    kept: Callable[[Path], Kept]


def make_material(folder: Path) -> None:
    """Make what the commands read: a world whose images are noise, an untrained network, a trained run."""
    world = folder / "world"
    for place, split, scenes in (("small", "train", 12), ("small", "val", 20), ("world", "val", SCENES)):
        _do("generate", folder / place, "--split", split, "--scenes", scenes, "--no-images", "--jobs", 1)
    noise = np.random.default_rng(0).integers(0, 255, (SCENES, 24, 32, 3), np.uint8)
    images = ClevrFolder(world).images_dir("val")
    images.mkdir(parents=True)
    for number, pixels in enumerate(noise):
        Image.fromarray(pixels).save(images / f"CLEVR_val_{number:06d}.png")
    torch.manual_seed(0)
    settings = {"vocabulary_size": 2, "answer_count": 2, "conv_channels": [4], "g_widths": [6, 7, 8]}
    network = build_model("relation-network", settings)
    save_model(folder / "rn.safetensors", network, {"inputs": {"kind": "pixels", "image_size": [16, 16]}})
    _do(*training(folder), "--out", folder / "trained")


def _do(*words: object) -> None:
    """Run a command in this process; it must succeed."""
    status = main([str(word) for word in words])
    assert status == 0, words


def training(material: Path) -> list[str]:
    """A training of eight epochs of four steps, with a checkpoint every third step."""
    settings = "--training.epochs 8 --checkpoint.every_steps 3 --logging.every_steps 1 --batch.size 32"
    network = "--model.g_widths [16,16] --model.f_widths [16] --data.limit 120"
    return ["train", "rn-quick", "--data", str(material / "small"), *settings.split(), *network.split()]


def jobs(material: Path) -> list[Job]:
    """Every command that is killed.

    Args:
        material: from `make_material`.
    """
    world, trained = str(material / "world"), str(material / "trained")
    train = [*training(material), "--out", "run"]
    words = "--split val --scenes 260 --questions-per-scene 2 --no-images --jobs 2"
    generate = ["generate", "out", *words.split()]
    words = "--split val --scenes 24 --image-size 48x32 --masks --refexps-per-scene 1 --captions-per-scene 1 --jobs 2"
    draw = ["generate", "out", *words.split()]
    regions = ["generate-regions", "out", "--split", "val", "--images", "40"]
    features = ["features", world, "--backbone", "efficientnet-lite0", "--size", "32x32", "--output", "out"]
    index = ["index", str(material / "rn.safetensors"), world, "out", "--split", "val", "--batch-size", "16"]
    test = ["test", trained, "--data", str(material / "small"), "--output", "out"]
    return [
        Job("training", train, "run", lambda at: _resume(at, train), _steps),
        Job("generation", generate, "out", lambda at: generate, _files),
        Job("rendering", draw, "out", lambda at: draw, _files),
        Job("region world", regions, "out", lambda at: regions, _files),
        Job("features", features, "out", lambda at: features, _shards),
        Job("indexing", index, ".out.part", lambda at: _again(at, index), _rows),
        Job("testing", test, None, lambda at: test, _files),
    ]


def _resume(at: Path, train: list[str]) -> list[str]:
    """Go on with a run, or begin it where it was killed before it was one."""
    return ["train", "--resume", "run"] if (at / "run/config.yaml").exists() else train


def _again(at: Path, index: list[str]) -> list[str]:
    """Go on with an index; one that was killed when all was done is made again."""
    return [*index, "--overwrite"] if (at / "out").exists() else index


def _steps(at: Path) -> Kept:
    """The lines of metrics that the last checkpoint knows of; their clock tells them from others."""
    last, metrics = at / "run/checkpoints/last.ckpt", at / "run/metrics.jsonl"
    if not last.exists():
        return set()
    step = read_checkpoint(last)["global_step"]
    lines = [json.loads(line) for line in metrics.read_bytes().splitlines()]
    return {("line", json.dumps(line)) for line in lines if line["step"] <= step}


def _files(at: Path) -> Kept:
    """The finished files, with their contents' size; parts go when they are put together.

    The command may be at work meanwhile: what goes as it is looked at is not there.
    """
    found: Kept = set()
    for folder, folders, names in os.walk(at):
        folders[:] = [name for name in folders if name != ".unfinished"]
        for name in names:
            path = Path(folder, name)
            if not name.startswith(".") and name not in {"world.json", "metrics.json"}:
                with contextlib.suppress(FileNotFoundError):
                    found.add((str(path.relative_to(at)), path.stat().st_size))
    return found


def _shards(at: Path) -> Kept:
    """The shards, each with the moment it was written."""
    notes = at / "out/features.json"
    done = len(json.loads(notes.read_bytes())["sha256"]) if notes.exists() else 0
    shards = [at / f"out/{number:05d}.npy" for number in range(done)]
    return {(shard.name, shard.stat().st_mtime_ns) for shard in shards}


def _rows(at: Path) -> Kept:
    """The images whose features are noted."""
    if (at / "out").exists():
        return {("row", row) for row in range(SCENES)}
    notes = at / ".out.part/progress.json"
    return (
        {("row", row) for row in range(json.loads(notes.read_bytes())["done"])} if notes.exists() else set()
    )
