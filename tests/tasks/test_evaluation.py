from collections.abc import Sequence
from pathlib import Path

import pytest
import torch
from rich.console import Console

from visreason.clevr.folder import ClevrFolder
from visreason.data.dataset import ClevrQuestions
from visreason.data.inputs import BlindView, ImageView
from visreason.data.samples import Sample, collate
from visreason.data.vocabulary import CLEVR_VOCABULARY
from visreason.models import ModelFile, Output, load_model
from visreason.nn.batch import Batch
from visreason.tasks.evaluation import evaluate
from visreason.tasks.reports import AnswerReport, Subject
from visreason.tasks.run_folder import RunFolder
from visreason.tasks.sources import training_data
from visreason.tasks.testing import run_test
from visreason.tasks.training import make_model
from visreason.zoo.catalogue import load_recipe


class Oracle(torch.nn.Module):
    """Knows all answers."""

    def forward(self, batch: Batch) -> Output:
        assert batch.answers is not None
        return Output(torch.nn.functional.one_hot(batch.answers, 28).float() * 9)


def test_an_oracle_scores_one_hundred_per_cent(tiny_data: Path, run: RunFolder, console: Console) -> None:
    model = load_model(run.weights)
    oracle = type(model)(Oracle(), "oracle", None, model.meta)
    samples = ClevrQuestions(ClevrFolder(tiny_data), "val", CLEVR_VOCABULARY, BlindView())
    report = evaluate(oracle, samples, Subject("oracle", "tiny", "val"), console)
    assert isinstance(report, AnswerReport)
    assert report.scores.overall.value == 1.0
    assert report.scores.invalid.value == 0.0
    assert all(value.value == 1.0 for value in report.scores.by_type.values())


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


@pytest.mark.parametrize("name", ["rn-pixels", "rn-pixels-ir"])
def test_questions_that_share_their_image_are_answered_as_if_each_had_its_own(
    name: str, tiny_data: Path, console: Console
) -> None:
    recipe = load_recipe(name, {"inputs.image_size": [32, 32], "data.workers": 0})
    data = training_data(recipe, tiny_data, console)
    torch.manual_seed(0)
    model = ModelFile(make_model(recipe, data).eval(), "relation-network", None, dict(data.meta))
    reports, images = [], []

    def counted(samples: Sequence[Sample]) -> Batch:
        batch = collate(samples)
        assert batch.images is not None
        images.append(len(batch.images))
        return batch

    for share in (True, False):
        view = ImageView((32, 32))
        samples = ClevrQuestions(ClevrFolder(tiny_data), "val", CLEVR_VOCABULARY, view, share=share)
        report = evaluate(
            model, samples, Subject("model", "tiny", "val"), console, batch_size=10, to_batch=counted
        )
        assert isinstance(report, AnswerReport)
        reports.append(report)
    assert images == [2, 2, 2, 10, 10, 10]
    assert reports[0].scores == reports[1].scores
    assert reports[0].loss == pytest.approx(reports[1].loss, rel=1e-5)
    for one, other in zip(*(report.predictions for report in reports), strict=True):
        assert one == {**other, "probability": pytest.approx(other["probability"], abs=2e-6)}
