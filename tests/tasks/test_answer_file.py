"""Answers one a line, in the order of the questions."""

import json
from pathlib import Path

import pytest
from rich.console import Console

from visreason.clevr.folder import ClevrFolder
from visreason.errors import DataError, UsageError
from visreason.models import build_model, save_model
from visreason.tasks.answer_file import write_answers
from visreason.tasks.run_folder import RunFolder
from visreason.tasks.testing import run_test


@pytest.fixture
def blank(tiny_data: Path, tmp_path: Path) -> Path:
    """The tiny data's val split without answers, as CLEVR's test split comes."""
    folder = ClevrFolder(tmp_path / "blank")
    folder.questions_file("val").parent.mkdir(parents=True)
    document = json.loads(ClevrFolder(tiny_data).questions_file("val").read_text())
    for question in document["questions"]:
        for key in ("answer", "program"):
            question.pop(key, None)
    folder.questions_file("val").write_text(json.dumps(document))
    for part in ("images", "scenes"):
        (folder.root / part).symlink_to(tiny_data / part)
    return folder.root


@pytest.mark.parametrize("batch_size", [7, 64])
def test_true_answers_are_not_needed_and_change_nothing(
    batch_size: int, run: RunFolder, tiny_data: Path, blank: Path, tmp_path: Path, console: Console
) -> None:
    report = run_test(str(run.path), console=console).report
    expected = [one["prediction"] for one in report.predictions]  # type: ignore[attr-defined]
    for data in (tiny_data, blank):
        path = tmp_path / f"{data.name}.txt"
        count = write_answers(str(run.path), data, "val", path, console, batch_size=batch_size)
        assert path.read_text().splitlines() == expected
        assert count == len(expected) == 30
    assert write_answers(str(run.path), blank, "val", path, console, limit=4) == 4
    assert path.read_text().splitlines() == expected[:4]


def test_a_model_that_answers_nothing_by_itself_writes_nothing(
    tiny_data: Path, tmp_path: Path, console: Console
) -> None:
    model = build_model("attribute-cnn", {"conv_channels": (4,), "hidden": 5})
    save_model(tmp_path / "names.safetensors", model, {"inputs": {"kind": "pixels", "image_size": [16, 16]}})
    path = tmp_path / "answers.txt"
    with pytest.raises(UsageError, match="answers no questions by itself"):
        write_answers(str(tmp_path / "names.safetensors"), tiny_data, "val", path, console)
    assert not path.exists()


def test_a_split_that_is_not_there_writes_nothing(
    run: RunFolder, tiny_data: Path, tmp_path: Path, console: Console
) -> None:
    with pytest.raises(DataError, match="CLEVR_test_questions"):
        write_answers(str(run.path), tiny_data, "test", tmp_path / "answers.txt", console)
    assert not (tmp_path / "answers.txt").exists()
