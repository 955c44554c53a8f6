import json
from pathlib import Path

import h5py
import pytest

from visreason.cli.main import main


def export(*words: object) -> int:
    return main(["export-questions", *map(str, words)])


def test_a_folder_that_can_be_trained_and_tested_on(
    tiny_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, run = tmp_path / "iep", tmp_path / "run"
    vocab, every = data / "vocab.json", tmp_path / "every.json"
    files = [tiny_data / "questions" / f"CLEVR_{split}_questions.json" for split in ("train", "val")]
    questions = [one for file in files for one in json.loads(file.read_text())["questions"]]
    every.write_text(json.dumps({"questions": questions}))
    assert export(every, tmp_path / "every.h5", "--write-vocab", vocab) == 0
    assert f"{vocab}: " in capsys.readouterr().out
    assert export(tiny_data, data / "train_questions.h5", "--split", "train", "--vocab", vocab) == 0
    said = capsys.readouterr().out
    assert f"{data / 'train_questions.h5'}: 60 questions of at most" in said
    assert "0 words are <UNK>" in said
    flags = ["--vocab", vocab, "--expand-vocab", "--write-vocab", vocab, "--json"]
    assert export(tiny_data, data / "val_questions.h5", *flags) == 1
    assert "vocab.json exists" in capsys.readouterr().err
    assert export(tiny_data, data / "val_questions.h5", *flags, "--overwrite") == 0
    found = json.loads(capsys.readouterr().out)
    assert list(found) == [
        "file", "vocabulary", "questions", "longest_question", "programs", "longest_program", "answers", "unknown",
    ]  # fmt: skip
    assert (found["questions"], found["programs"], found["answers"], found["unknown"]) == (30, 30, 30, 0)
    quick = ["--training.epochs", "1", "--training.accelerator", "cpu"]
    assert main(["train", "question-only-quick", "--data", str(data), "--out", str(run), *quick]) == 0
    capsys.readouterr()
    results = {}
    for name, where in (("numbers", data), ("words", tiny_data)):
        output = tmp_path / name
        assert main(["test", str(run), "--data", str(where), "--output", str(output)]) == 0
        results[name] = json.loads((output / "metrics.json").read_text())["accuracy"]
    assert results["numbers"] == results["words"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "Give --write-vocab FILE, or --vocab FILE"),
        (["--expand-vocab", "--write-vocab", "new.json"], "--expand-vocab needs a vocabulary to expand"),
        (["--vocab", "VOCAB", "--expand-vocab"], "Give --write-vocab FILE."),
        (["--vocab", "VOCAB", "--unk-threshold", "3"], "got 3 with --vocab but not --expand-vocab"),
        (["--write-vocab", "new.json", "--unk-threshold", "0"], "got 0."),
        (["--vocab", "nowhere.json"], "nowhere.json does not exist"),
        (["--vocab", "VOCAB", "--split", "test"], "CLEVR_test_questions.json does not exist"),
        (["--vocab", "VOCAB", "--mode", "chain"], "is no chain"),
        (["--vocab", "VOCAB", "--mode", "infix"], "--mode"),
    ],
)
def test_flags_that_cannot_be_met_write_nothing(
    words: list[str],
    message: str,
    tiny_data: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert export(tiny_data, "first.h5", "--write-vocab", "VOCAB") == 0
    capsys.readouterr()
    before = sorted(path.name for path in tmp_path.iterdir())
    assert export(tiny_data, "out.h5", *words) == 1
    assert message in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_human_questions_from_a_file(shared: Path, tmp_path: Path) -> None:
    fixtures, out = shared / "fixtures", tmp_path / "val_questions.h5"
    flags = ["--expand-vocab", "--unk-threshold", 3, "--encode-unk", "--write-vocab", tmp_path / "vocab.json"]
    assert export(fixtures / "prep_humans_80.json", out, "--vocab", fixtures / "vocab.json", *flags) == 0
    assert json.loads((tmp_path / "vocab.json").read_text()) == json.loads(
        (fixtures / "prep_humans_vocab.json").read_text()
    )
    with h5py.File(out) as mine, h5py.File(fixtures / "prep_humans.h5") as reference:
        assert set(mine) == set(reference)
        assert all((mine[name][:] == reference[name][:]).all() for name in reference)


def test_training_on_numbers_of_another_vocabulary_says_so_before_it_begins(
    tiny_data: Path, trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "iep"
    assert export(tiny_data, data / "val_questions.h5", "--write-vocab", data / "vocab.json") == 0
    assert main(["test", str(trained), "--data", str(data)]) == 1
    assert "the model has another vocabulary" in capsys.readouterr().err
