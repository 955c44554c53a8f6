import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from visreason.errors import DataError
from visreason.models import ModelFile
from visreason.serve.failures import ApiError
from visreason.serve.limits import Limits
from visreason.serve.loaded import LoadedModel
from visreason.serve.loading import load_models
from visreason.serve.results import read_results, read_scores, results_folder
from visreason.zoo.card import card_of

OVERALL = {"value": 0.5, "low": 0.2, "high": 0.8, "count": 4}


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


def test_figures_and_confusion_are_told(tested: LoadedModel, tmp_path: Path) -> None:
    found = read_results(tested)
    assert found.mistakes
    assert found.metrics["accuracy"]["overall"] == OVERALL
    assert found.confusion is not None
    rows = dict(zip(found.confusion.labels, found.confusion.counts, strict=True))
    assert rows["yes"][found.confusion.labels.index("no")] == 1
    assert sum(map(sum, found.confusion.counts)) == 4
    assert read_scores(tested) == {"accuracy": OVERALL}


def test_a_test_of_boxes_has_no_confusion(tested: LoadedModel, tmp_path: Path) -> None:
    pointed = {"question_index": 0, "image_filename": "a.png", "box": [0, 0, 9, 9], "correct": False}
    (tmp_path / "results" / "predictions.jsonl").write_text(json.dumps(pointed))
    assert read_results(tested).confusion is None


def test_what_was_never_tested_has_no_results(model: LoadedModel, tiny: Callable[[str], ModelFile]) -> None:
    with pytest.raises(ApiError, match="visreason test RUN"):
        read_results(model)
    assert read_scores(model) is None
    alone = LoadedModel("alone", tiny("blind"), Limits())
    assert read_scores(alone) is None
    with pytest.raises(ApiError, match="It is no run"):
        read_results(alone)
    alone.worker.close()


def test_a_broken_file_is_told(tested: LoadedModel, tmp_path: Path) -> None:
    (tmp_path / "results" / "predictions.jsonl").write_text('{"answer": ')
    with pytest.raises(DataError, match=r"predictions\.jsonl of the run is broken"):
        read_results(tested)


@pytest.mark.parametrize("name", ["rn-quick", "region-full"])
def test_a_shipped_model_has_its_cards_figures(name: str) -> None:
    model = load_models([name], Limits())[name]
    try:
        card = card_of(name)
        told = card.record.of_role("generated")[0].figures
        results = read_results(model)
        metrics = results.metrics
        assert results.confusion is None
        assert not results.mistakes
        for figure, runs in told.items():
            group, *rest = figure.split(".", maxsplit=2)
            found = metrics[group]
            for part in rest:
                found = found[part]
            assert found == runs[card.run].to_dict()
        headline = {"rn-quick": "accuracy", "region-full": "per_class_ap"}[name]
        assert headline in (read_scores(model) or {})
        with pytest.raises(ApiError, match="not each of its answers"):
            results_folder(model)
    finally:
        model.worker.close()
