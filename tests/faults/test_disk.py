"""A disk that is full or cannot be written on, under every verb that writes: one message, and nothing half-written."""

import errno
import io
import os
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import torch
from tests.faults.opening import left, unreadable

from visreason.cli.main import main
from visreason.data.vocabulary import CLEVR_VOCABULARY
from visreason.models import build_model, save_model

VERBS = {
    "generate": "generate {out} --scenes 2 --no-images --jobs 1",
    "generate with images": "generate {out} --scenes 1 --image-size 32x32 --jobs 1",
    "generate-regions": "generate-regions {out} --images 2 --jobs 1",
    "generate-sort-of-clevr": "generate-sort-of-clevr {out} --scenes 2",
    "answer": "answer {data} --split val --output {out}/answers.json",
    "export-questions": "export-questions {data} {out}/val.h5 --split val --write-vocab {out}/vocab.json",
    "statistics": "statistics {data} --split val --output {out}",
    "features": "features {data} --split val --backbone efficientnet-lite0 --size 32x32 --output {out}",
    "train": "train question-only-quick --data {data} --out {out} --training.epochs 1",
    "test": "test {model} --data {data} --output {out}",
    "compare": "compare {model} {other} --data {data} --output {out}",
    "index": "index {pixels} {data} {out} --split val",
}
"""A command of each verb that writes a folder."""


@pytest.fixture(scope="module")
def words(tiny_data: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What the commands read."""
    folder = tmp_path_factory.mktemp("models")
    torch.manual_seed(0)
    sizes = {"vocabulary_size": len(CLEVR_VOCABULARY.words), "answer_count": len(CLEVR_VOCABULARY.answers)}
    meta = {"vocabulary": CLEVR_VOCABULARY.to_dict(), "inputs": {"kind": "question"}}
    for name in ("guess", "other"):
        save_model(folder / f"{name}.safetensors", build_model("question-only", sizes), meta)
    network = build_model("relation-network", sizes | {"conv_channels": [4], "g_widths": [6, 7, 8]})
    pixels = {"inputs": {"kind": "pixels", "image_size": [16, 16]}}
    save_model(folder / "rn.safetensors", network, meta | pixels)
    models = {"model": "guess", "other": "other", "pixels": "rn"}
    return {word: str(folder / f"{name}.safetensors") for word, name in models.items()} | {
        "data": str(tiny_data)
    }


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
