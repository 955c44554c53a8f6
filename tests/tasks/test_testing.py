import json
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from visreason.clevr.folder import ClevrFolder
from visreason.errors import DataError, ModelError, UsageError, VocabularyError
from visreason.models import load_model, save_model
from visreason.tasks.reports import AnswerReport, Subject
from visreason.tasks.run_folder import RunFolder
from visreason.tasks.testing import run_test


def test_a_run_is_tested_on_its_own_unseen_split(run: RunFolder, tiny_data: Path, console: Console) -> None:
    tested = run_test(str(run.path), console=console)
    report = tested.report
    assert isinstance(report, AnswerReport)
    assert report.subject == Subject(str(run.path), str(tiny_data), "val")
    assert tested.folder == run.results
    recorded = [record["accuracy"] for record in run.read_metrics() if "accuracy" in record]
    assert report.scores.overall.value == max(recorded)
    assert [one["question_index"] for one in report.predictions] == list(range(30))


def test_a_model_alone_says_which_world_it_can_be_tested_on(
    run: RunFolder, tmp_path: Path, console: Console
) -> None:
    model = load_model(run.weights)
    bare = tmp_path / "bare.safetensors"
    save_model(bare, model.model, {key: value for key, value in model.meta.items() if key != "settings"})
    with pytest.raises(UsageError, match="Give --data"):
        run_test(str(bare), console=console)


def test_questions_without_answers_cannot_be_tested(
    run: RunFolder, tiny_data: Path, tmp_path: Path, console: Console
) -> None:
    data = copy_with(tiny_data, tmp_path, lambda question: question.pop("answer"))
    with pytest.raises(DataError, match="no answers"):
        run_test(str(run.path), data, console=console)


def test_words_that_the_model_does_not_know_are_errors_that_name_the_question(
    run: RunFolder, tiny_data: Path, tmp_path: Path, console: Console
) -> None:
    data = copy_with(tiny_data, tmp_path, lambda question: question.update(question="Is it mauve?"))
    with pytest.raises(VocabularyError, match=r"question 0.*'mauve'"):
        run_test(str(run.path), data, console=console)


def copy_with(data: Path, folder: Path, change: Callable[[dict[str, object]], object]) -> Path:
    """A copy of the val split's scenes and questions, each question changed."""
    source, copy = ClevrFolder(data), ClevrFolder(folder / "copy")
    for kind in ("scenes_file", "questions_file"):
        target = getattr(copy, kind)("val")
        target.parent.mkdir(parents=True)
        document = json.loads(getattr(source, kind)("val").read_text())
        for question in document.get("questions", []):
            change(question)
        target.write_text(json.dumps(document))
    return copy.root


def test_a_model_without_vocabulary_cannot_be_tested(
    run: RunFolder, tiny_data: Path, tmp_path: Path, console: Console
) -> None:
    model = load_model(run.weights)
    bare = tmp_path / "bare.safetensors"
    save_model(bare, model.model, {"inputs": model.meta["inputs"]})
    with pytest.raises(ModelError, match="no vocabulary"):
        run_test(str(bare), tiny_data, console=console)


def test_numbers_out_of_range_are_errors(run: RunFolder, console: Console) -> None:
    with pytest.raises(UsageError, match="--batch-size"):
        run_test(str(run.path), batch_size=0, console=console)
    with pytest.raises(UsageError, match="limit"):
        run_test(str(run.path), limit=0, console=console)
