import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from visreason.clevr.folder import ClevrFolder
from visreason.clevr.questions_file import read_questions
from visreason.models import ModelFile
from visreason.serve.failures import ApiError
from visreason.serve.limits import Limits
from visreason.serve.loaded import LoadedModel
from visreason.serve.mistakes import MistakeFinder


@pytest.fixture
def model(tiny: Callable[[str], ModelFile], tmp_path: Path) -> Iterator[LoadedModel]:
    made = LoadedModel("blind", tiny("blind"), Limits(), tmp_path)
    yield made
    made.worker.close()


@pytest.fixture
def finder() -> Iterator[MistakeFinder]:
    made = MistakeFinder(Limits())
    yield made
    made.worker.close()


@pytest.fixture
def write(tmp_path: Path, tiny_data: Path) -> Callable[..., None]:
    """Writes what a test found."""

    def written(*predictions: dict[str, Any], data: str = str(tiny_data)) -> None:
        (tmp_path / "results").mkdir(exist_ok=True)
        (tmp_path / "results" / "metrics.json").write_text(json.dumps({"split": "val", "data": data}))
        lines = "".join(json.dumps(one) + "\n" for one in predictions)
        (tmp_path / "results" / "predictions.jsonl").write_text(lines)

    return written


@pytest.fixture
def wrong(tiny_data: Path) -> list[dict[str, Any]]:
    """All questions of the split, all answered with "perhaps"."""
    return [
        {
            "question_index": one.index,
            "image_filename": one.image_filename,
            "answer": one.answer,
            "prediction": "perhaps",
            "probability": 0.75,
            "correct": False,
            "type": one.type,
        }
        for one in read_questions(ClevrFolder(tiny_data).questions_file("val"))
    ]


def test_what_was_wrong_opens_with_its_question_and_scene(
    finder: MistakeFinder, model: LoadedModel, write: Callable[..., None], wrong: list[dict[str, Any]]
) -> None:
    write(wrong[0] | {"correct": True}, wrong[7], wrong[9] | {"image_filename": "other.png"})
    found = finder.of(model).result(20)
    told = found.record()
    assert (told.counts, told.note) == ({"answer": 2}, None)
    first, second = told.mistakes
    assert (first.answer, first.prediction, first.opens, first.image) == (
        wrong[7]["answer"],
        "perhaps",
        True,
        True,
    )
    assert (second.opens, second.text) == (False, None)
    opened = found.open(0)
    assert opened.text == first.text
    assert opened.scene is not None
    assert opened.scene.image_filename == wrong[7]["image_filename"]
    for number in (1, 2, -1):
        with pytest.raises(ApiError, match="no mistake of this number") as refused:
            found.subject(number)
        assert refused.value.status == 404


def test_each_kind_is_counted_and_only_the_first_are_told(
    finder: MistakeFinder, model: LoadedModel, write: Callable[..., None], wrong: list[dict[str, Any]]
) -> None:
    box = {"question_index": 0, "image_filename": "a.png", "box": [0, 0, 9, 9], "prediction": [1, 1, 9, 9]}
    box |= {"iou": 0.3, "correct": False, "probability": 0.5}
    program = {"question_index": 1, "image_filename": "a.png", "answer": "yes", "program": []}
    right = [program | {"prediction": "yes"}, program | {"prediction": None, "correct": True}, program]
    write(*wrong * 3, box, *right, program | {"prediction": None})
    told = finder.of(model).result(20).record()
    assert told.counts == {"answer": 3 * len(wrong) + 1, "box": 1}
    assert len(told.mistakes) == 61
    assert told.mistakes[-1].kind == "box"
    assert (told.mistakes[-1].predicted_box, told.mistakes[-1].iou) == ([1, 1, 9, 9], 0.3)
    assert told.mistakes[-1].prediction is None


def test_another_test_has_other_mistakes(
    finder: MistakeFinder, model: LoadedModel, write: Callable[..., None], wrong: list[dict[str, Any]]
) -> None:
    write(wrong[0])
    first = finder.of(model)
    assert finder.of(model) is first
    write(*wrong[:2])
    assert finder.of(model).result(20).record().counts == {"answer": 2}


def test_data_that_is_gone_is_told_and_the_mistakes_all_the_same(
    finder: MistakeFinder, model: LoadedModel, write: Callable[..., None], wrong: list[dict[str, Any]]
) -> None:
    write(wrong[0], data="/nowhere")
    told = finder.of(model).result(20).record()
    assert told.note == "the data of the test, /nowhere, is not here any more."
    assert [(one.opens, one.answer) for one in told.mistakes] == [(False, wrong[0]["answer"])]


def test_what_was_never_tested_has_none(finder: MistakeFinder, model: LoadedModel) -> None:
    with pytest.raises(ApiError, match="visreason test RUN"):
        finder.of(model)
