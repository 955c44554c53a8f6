import json
from pathlib import Path

from rich.console import Console

from visreason.clevr.answers import QUESTION_TYPES
from visreason.clevr.folder import ClevrFolder
from visreason.clevr.questions_file import read_questions
from visreason.metrics.accuracy import QUESTION_GROUPS
from visreason.tasks.run_folder import RunFolder
from visreason.tasks.testing import run_test


def test_predictions_name_the_questions_of_the_file(
    run: RunFolder, tiny_data: Path, tmp_path: Path, console: Console
) -> None:
    tested = run_test(str(run.path), tiny_data, "train", limit=17, console=console)
    assert tested.folder == run.results / f"{tiny_data.name}-train"
    paths = tested.report.write(tmp_path)
    assert [path.name for path in paths] == [
        "metrics.json",
        "results.csv",
        "predictions.jsonl",
        "confusion.png",
    ]
    lines = [json.loads(line) for line in (tmp_path / "predictions.jsonl").read_text().splitlines()]
    questions = read_questions(ClevrFolder(tiny_data).questions_file("train"))[:17]
    assert len(lines) == 17
    for line, question in zip(lines, questions, strict=True):
        assert list(line) == [
            "question_index", "image_filename", "answer", "prediction", "probability", "correct", "type",
        ]  # fmt: skip
        assert line["question_index"] == question.index
        assert line["image_filename"] == question.image_filename
        assert line["answer"] == question.answer
        assert line["correct"] == (line["prediction"] == question.answer)
        assert 0 < line["probability"] <= 1
    metrics = json.loads((tmp_path / "metrics.json").read_text())
    assert metrics["split"] == "train"
    assert metrics["accuracy"]["overall"]["count"] == 17
    assert metrics["accuracy"]["overall"]["value"] == sum(line["correct"] for line in lines) / 17
    assert (tmp_path / "confusion.png").read_bytes().startswith(b"\x89PNG")


def test_the_table_has_the_question_types_and_invalid_answers(run: RunFolder, console: Console) -> None:
    rows = run_test(str(run.path), console=console).report.table()
    assert rows[0][0] == "all questions"
    assert rows[-1][0] == "invalid answers"
    types = [name.replace("_", " ") for name in QUESTION_TYPES]
    assert sum(int(count) for name, _, count in rows if name in types) == 30
    groups = [name.replace("_", " ") for name in QUESTION_GROUPS]
    assert (
        sum(int(count) for name, _, count in rows if name in groups) == 30
    )  # count and exist are types and groups
