import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from visreason.clevr.folder import ClevrFolder
from visreason.clevr.questions_file import read_questions
from visreason.errors import DataError
from visreason.models import ModelFile
from visreason.serve.failures import ApiError
from visreason.serve.limits import Limits
from visreason.serve.loaded import LoadedModel
from visreason.serve.results import read_results, read_scores
from visreason.serve.shown_data import ShownData

OVERALL = {"value": 0.5, "low": 0.2, "high": 0.8, "count": 4}
NOWHERE = ShownData(None)


def line(index: int, answer: str, prediction: str, image: str = "CLEVR_val_000000.png") -> dict[str, Any]:
    told = {"question_index": index, "image_filename": image, "answer": answer, "prediction": prediction}
    return told | {"probability": 0.75, "correct": answer == prediction, "type": "exist"}


@pytest.fixture
def model(tiny: Callable[[str], ModelFile], tmp_path: Path) -> Iterator[LoadedModel]:
    made = LoadedModel("blind", tiny("blind"), Limits(), tmp_path)
    yield made
    made.worker.close()


@pytest.fixture
def tested(model: LoadedModel, tmp_path: Path, tiny_data: Path) -> LoadedModel:
    results = tmp_path / "results"
    results.mkdir()
    metrics = {"split": "val", "data": str(tiny_data), "accuracy": {"overall": OVERALL, "by_type": {}}}
    (results / "metrics.json").write_text(json.dumps(metrics))
    lines = [line(0, "yes", "no"), line(1, "no", "no"), line(7, "red", "red"), line(9, "2", "3", "other.png")]
    (results / "predictions.jsonl").write_text("".join(json.dumps(one) + "\n" for one in lines))
    return model


def test_figures_confusion_and_errors_are_told(tested: LoadedModel, tmp_path: Path) -> None:
    found = read_results(tested, NOWHERE)
    assert found.metrics["accuracy"]["overall"] == OVERALL
    assert found.confusion is not None
    rows = dict(zip(found.confusion.labels, found.confusion.counts, strict=True))
    assert rows["yes"][found.confusion.labels.index("no")] == 1
    assert sum(map(sum, found.confusion.counts)) == 4
    assert [(one.question_index, one.question, one.image) for one in found.errors] == [
        (0, None, None),
        (9, None, None),
    ]
    assert found.error_count == 2
    assert read_scores(tmp_path) == {"accuracy": OVERALL}


def test_questions_and_images_of_errors_come_from_the_data(tested: LoadedModel, tiny_data: Path) -> None:
    found = read_results(tested, ShownData(tiny_data))
    questions = read_questions(ClevrFolder(tiny_data).questions_file("val"))
    assert [one.question for one in found.errors] == [questions[0].text, questions[9].text]
    assert [one.image for one in found.errors] == [0, None]


def test_other_data_has_other_images_of_these_names(
    tested: LoadedModel, tiny_data: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    shutil.copytree(tiny_data, other)
    assert [(one.question, one.image) for one in read_results(tested, ShownData(other)).errors] == [
        (None, None),
        (None, None),
    ]


def test_a_test_of_boxes_has_neither_answers_nor_confusion(tested: LoadedModel, tmp_path: Path) -> None:
    pointed = {"question_index": 0, "image_filename": "a.png", "box": [0, 0, 9, 9], "correct": False}
    (tmp_path / "results" / "predictions.jsonl").write_text(json.dumps(pointed))
    found = read_results(tested, NOWHERE)
    assert (found.errors, found.confusion, found.error_count) == ([], None, 0)


def test_what_was_never_tested_has_no_results(model: LoadedModel, tiny: Callable[[str], ModelFile]) -> None:
    with pytest.raises(ApiError, match="visreason test RUN"):
        read_results(model, NOWHERE)
    assert read_scores(model.run) is None
    assert read_scores(None) is None
    alone = LoadedModel("alone", tiny("blind"), Limits())
    with pytest.raises(ApiError, match="It is no run"):
        read_results(alone, NOWHERE)
    alone.worker.close()


def test_a_broken_file_is_told(tested: LoadedModel, tmp_path: Path) -> None:
    (tmp_path / "results" / "predictions.jsonl").write_text('{"answer": ')
    with pytest.raises(DataError, match=r"predictions\.jsonl of the run is broken"):
        read_results(tested, NOWHERE)
