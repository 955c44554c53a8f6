import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from rich.console import Console

from visreason.clevr.folder import ClevrFolder
from visreason.clevr.questions_file import read_questions
from visreason.data.dataset import ClevrQuestions
from visreason.data.vocabulary import CLEVR_VOCABULARY
from visreason.errors import DataError, ModelError, UsageError, VocabularyError
from visreason.models import load_model, save_model
from visreason.tasks.evaluation import evaluate
from visreason.tasks.reports import AnswerReport, AttributeReport, Subject, claim_output
from visreason.tasks.run_folder import RunFolder
from visreason.tasks.sources import training_data
from visreason.tasks.testing import run_test
from visreason.tasks.training import train
from visreason.zoo.catalogue import load_recipe

QUICK = {"training.epochs": 1, "training.accelerator": "cpu", "data.workers": 0}


@pytest.fixture(scope="module")
def run(tiny_data: Path, tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """rn-quick trained for an epoch on the tiny data."""
    recipe, console = load_recipe("rn-quick", QUICK), Console(quiet=True)
    made = RunFolder.create(tmp_path_factory.mktemp("runs") / "quick", recipe, tiny_data)
    train(recipe, training_data(recipe, tiny_data, console), made, console)
    return made


def test_a_run_is_tested_on_its_own_unseen_split(run: RunFolder, tiny_data: Path, console: Console) -> None:
    tested = run_test(str(run.path), console=console)
    report = tested.report
    assert isinstance(report, AnswerReport)
    assert report.subject == Subject(str(run.path), str(tiny_data), "val")
    assert tested.folder == run.results
    recorded = [record["accuracy"] for record in run.read_metrics() if "accuracy" in record]
    assert report.scores.overall.value == max(recorded)
    assert [one["question_index"] for one in report.predictions] == list(range(30))


@pytest.mark.parametrize("batch_size", [1, 7, 64])
def test_every_question_counts_once_whatever_the_batch_size(
    batch_size: int, run: RunFolder, tiny_data: Path, console: Console
) -> None:
    report = run_test(str(run.path), tiny_data, batch_size=batch_size, console=console).report
    whole = run_test(str(run.path), tiny_data, batch_size=30, console=console).report
    assert isinstance(report, AnswerReport)
    assert isinstance(whole, AnswerReport)
    assert [one["prediction"] for one in report.predictions] == [
        one["prediction"] for one in whole.predictions
    ]
    assert report.scores == whole.scores


def test_predictions_name_the_questions_of_the_file(
    run: RunFolder, tiny_data: Path, tmp_path: Path, console: Console
) -> None:
    tested = run_test(str(run.path), tiny_data, "train", limit=17, console=console)
    assert tested.folder == run.results / f"{tiny_data.name}-train"
    paths = tested.report.write(tmp_path)
    assert [path.name for path in paths] == ["metrics.json", "predictions.jsonl", "confusion.png"]
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
    assert sum(int(count) for name, _, count in rows[1:-1]) == 30


def test_an_attribute_network_is_tested_on_scenes(tiny_data: Path, tmp_path: Path, console: Console) -> None:
    recipe = load_recipe(
        "attribute-cnn", QUICK | {"inputs.image_size": "[32, 32]", "task.scene_fraction": "1"}
    )
    run = RunFolder.create(tmp_path / "run", recipe, tiny_data)
    train(recipe, training_data(recipe, tiny_data, console), run, console)
    report = run_test(str(run.path), console=console).report
    assert isinstance(report, AttributeReport)
    metrics = report.to_dict()
    assert len(metrics["average_precision"]["by_value"]) == 15
    recorded = [one["average_precision"] for one in run.read_metrics() if "average_precision" in one]
    assert metrics["average_precision"]["mean"] == pytest.approx(max(recorded))
    assert report.table()[0][2] == "6"
    metrics_file, predictions = report.write(tmp_path / "out")
    assert json.loads(metrics_file.read_text()) == json.loads(json.dumps(metrics))
    assert len(predictions.read_text().splitlines()) == 6


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


def test_results_are_not_written_over_something_else(tmp_path: Path) -> None:
    claim_output(tmp_path / "new")
    (tmp_path / "metrics.json").write_text("{}")
    claim_output(tmp_path)
    (tmp_path / "thesis.tex").write_text("mine")
    with pytest.raises(UsageError, match=r"holds thesis.tex"):
        claim_output(tmp_path)
    claim_output(tmp_path, overwrite=True)
    with pytest.raises(UsageError, match="is a file"):
        claim_output(tmp_path / "thesis.tex")


class Oracle(torch.nn.Module):
    """Knows all answers."""

    def forward(self, batch: object) -> object:
        from visreason.models import Output

        answers = batch.answers  # type: ignore[attr-defined]
        return Output(torch.nn.functional.one_hot(answers, 28).float() * 9)


def test_an_oracle_scores_one_hundred_per_cent(tiny_data: Path, run: RunFolder, console: Console) -> None:
    model = load_model(run.weights)
    oracle = type(model)(Oracle(), "oracle", None, model.meta)
    from visreason.data.inputs import BlindView

    samples = ClevrQuestions(ClevrFolder(tiny_data), "val", CLEVR_VOCABULARY, BlindView())
    report = evaluate(oracle, samples, Subject("oracle", "tiny", "val"), console)
    assert isinstance(report, AnswerReport)
    assert report.scores.overall.value == 1.0
    assert report.scores.invalid.value == 0.0
    assert all(value.value == 1.0 for value in report.scores.by_type.values())
