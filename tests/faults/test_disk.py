"""A disk that is full or cannot be written on, under every verb that writes: one message, and nothing half-written."""

import errno
import io
import os
import resource
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import torch
from tests.faults.opening import left, unreadable
from tests.zoo.made_up import made_up

from visreason.cli.main import main
from visreason.data.vocabulary import CLEVR_VOCABULARY
from visreason.models import build_model, save_model

VERBS = {
    "generate": "generate {out} --scenes 2 --no-images --jobs 1",
    "generate with images": "generate {out} --scenes 1 --image-size 32x32 --jobs 1",
    "generate-regions": "generate-regions {out} --images 2 --jobs 1",
    "generate-sort-of-clevr": "generate-sort-of-clevr {out} --scenes 2",
    "answer": "answer {data} --split val --output {out}/answers.json",
    "merge": "merge {out} {data} {twin} --split val",
    "export-questions": "export-questions {data} {out}/val.h5 --split val --write-vocab {out}/vocab.json",
    "statistics": "statistics {data} --split val --output {out}",
    "features": "features {data} --split val --backbone efficientnet-lite0 --size 32x32 --output {out}",
    "train": "train question-only-quick --data {data} --out {out} --training.epochs 1",
    "test": "test {model} --data {data} --output {out}",
    "compare": "compare {model} {other} --data {data} --output {out}",
    "index": "index {pixels} {data} {out} --split val",
    "test --answers": "test {model} --data {data} --split val --answers {out}/answers.txt",
    "ask": "ask {model} {image} red --explain {out}/why.png",
    "ask, as a page": "ask {model} {image} red --explain {out}/why.html",
    "locate": "locate {locates} {image} red --explain {out}/box.png",
    "regions": "regions {regions} {image} --boxes {boxes} --explain {out}/boxes.png",
    "knowledge": "knowledge {classes} --output {out}/knowledge.json",
    "knowledge's picture": "knowledge {classes} --picture {out}/knowledge.png",
    "evaluate-retrieval": "evaluate-retrieval {places} --data {data} --k 1 --jobs 1 --output {out}",
    "evaluate-retrieval's sheet": "evaluate-retrieval {places} --data {data} --k 1 --jobs 1 --sheet {out}/sheet.png",
    "plot": "plot {run} --output {out}",
    "publish": "publish {run} mine --data {data} --results-only --results {out}",
    "import-weights": "import-weights relation-networks-clevr {checkpoint} {out}/imported.safetensors",
}
"""A command of each verb that writes files."""


@pytest.fixture(scope="module")
def words(
    tiny_data: Path, region_models: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    """What the commands read."""
    folder = tmp_path_factory.mktemp("models")
    torch.manual_seed(0)
    sizes = {"vocabulary_size": len(CLEVR_VOCABULARY.words), "answer_count": len(CLEVR_VOCABULARY.answers)}
    meta = {"vocabulary": CLEVR_VOCABULARY.to_dict(), "inputs": {"kind": "question"}}
    for name, answer in (("guess", "cylinder"), ("other", "rubber")):  # long ones, whatever the weights say
        guessing = build_model("question-only", sizes)
        bias_A = list(guessing.parameters())[-1]
        bias_A.data[CLEVR_VOCABULARY.answers.index(answer)] = 99
        save_model(folder / f"{name}.safetensors", guessing, meta)
    network = build_model("relation-network", sizes | {"conv_channels": [4], "g_widths": [6, 7, 8]})
    pixels = {"inputs": {"kind": "pixels", "image_size": [16, 16]}}
    save_model(folder / "rn.safetensors", network, meta | pixels)
    see = {"kind": "pixels", "shape": [3, 32, 48], "channels": [4, 6]}
    located = {
        "vocabulary_size": sizes["vocabulary_size"],
        "image": see,
        "dim": 8,
        "locate": {"frame": [32, 48]},
    }
    inputs = {"inputs": {"kind": "pixels", "image_size": [32, 48]}}
    save_model(folder / "stack.safetensors", build_model("stack-nmn", located), meta | inputs)
    models = {"model": "guess", "other": "other", "pixels": "rn", "locates": "stack"}
    found = {word: str(folder / f"{name}.safetensors") for word, name in models.items()}
    found |= {"data": str(tiny_data), "regions": region_models["baseline"]}
    found |= {"twin": str(shutil.copytree(tiny_data, folder / "twin"))}
    found |= {"image": str(next((tiny_data / "images/val").iterdir()))}
    files = {"boxes": "boxes.json", "classes": "names.txt", "checkpoint": "RN_epoch_01.pth"}
    found |= {word: str(folder / name) for word, name in (files | {"places": "places", "run": "run"}).items()}
    Path(found["boxes"]).write_text("[[4, 4, 20, 20]]")
    sides = [f"{side} {what}" for what in ("spoon", "fork", "glove", "shoe") for side in ("left", "right")]
    Path(found["classes"]).write_text("\n".join(["cup", "saucer", *sides]))  # no small file, WordNet or not
    torch.save(made_up(), found["checkpoint"])
    for command in (VERBS["train"].replace("{out}", "{run}"), VERBS["index"].replace("{out}", "{places}")):
        assert main(command.format(**found).split()) == 0
    return found


@contextmanager
def small_disk(size: int) -> Iterator[None]:
    """No file may grow beyond so many bytes; writing more fails as on a full disk, in the middle of a file."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Nothing can be made or opened for writing below a folder, whoever asks: root may write anywhere."""

    def guarded(call: Callable[..., Any], writes: Callable[..., bool]) -> Callable[..., Any]:
        def guard(path: Any, *others: Any, **named: Any) -> Any:
            if (
                isinstance(path, str | Path)
                and Path(path).is_relative_to(folder)
                and writes(*others, **named)
            ):
                raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))
            return call(path, *others, **named)

        return guard

    def opens(mode: str = "r", *_: Any, **__: Any) -> bool:
        return mode[0] != "r" or "+" in mode

    def flags(given: int, *_: Any, **__: Any) -> bool:
        return bool(given & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "mkdir", guarded(os.mkdir, lambda *_, **__: True))
        patch.setattr(os, "open", guarded(os.open, flags))
        patch.setattr(io, "open", guarded(io.open, opens))
        yield


def assert_refused(told: str, out: Path) -> None:
    """One message, and every file that is left opens."""
    assert "Traceback" not in told
    assert told.count("error: ") == 1
    assert out.parent.name in told or "/prepared/" in told
    assert not out.exists() or unreadable(out) == []
    assert not [path for path in out.rglob(".*.part") if path.is_file()]


@pytest.mark.parametrize("verb", VERBS)
def test_a_full_disk(
    verb: str, words: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    command = VERBS[verb].format(out=out, **words).split()
    with small_disk(200):
        assert main(command) == 1
    assert_refused(capsys.readouterr().err, out)


@pytest.mark.parametrize("verb", VERBS)
def test_a_disk_that_cannot_be_written_on(
    verb: str, words: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = VERBS[verb].format(out=tmp_path / "out", **words).split()
    with read_only(tmp_path):
        assert main(command) == 1
    told = capsys.readouterr().err
    assert_refused(told, tmp_path / "out")
    assert "Read-only file system" in told
    assert not (tmp_path / "out").exists()


def test_a_disk_that_is_full_in_mid_training(
    words: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What was there before stays, and with more room the run goes on."""
    out = tmp_path / "out"
    command = VERBS["train"].format(out=out, **words).split()
    with small_disk(20_000):  # room for the recipe, none for a checkpoint
        assert main(command) == 1
    assert_refused(capsys.readouterr().err, out)
    kept = sorted(path.name for path in left(out))
    assert kept[:2] == ["config.yaml", "environment.json"]
    assert main(["train", "--resume", str(out)]) == 0
