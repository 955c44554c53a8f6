"""The figures of a model's last test, from the folder of its run, or from the card of a shipped model."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from visreason.errors import DataError
from visreason.files import read_json
from visreason.metrics.confusion import confusion_matrix, labels_of
from visreason.serve.failures import ApiError
from visreason.serve.loaded import LoadedModel
from visreason.serve.schemas.models import Confusion, Results
from visreason.tasks.figures import METRICS, PREDICTIONS
from visreason.tasks.run_folder import RunFolder

if TYPE_CHECKING:
    from visreason.zoo.card import Card

_WORDED = {"answer", "prediction"}
"""What a prediction of an answer or a label has; one of a box has other fields."""

_SCORES = ("iou50", "mean_iou", "per_instance_ap", "per_instance_ac", "per_class_ap", "per_class_ac")
"""Figures of `metrics.json` that speak of a whole test, besides the overall accuracy."""


def read_scores(model: LoadedModel) -> dict[str, Any] | None:
    """The overall figures of a model's last test, each with its interval; None where it was never tested."""
    metrics = _metrics(model)
    if metrics is None:
        return None
    found = {name: metrics[name] for name in _SCORES if name in metrics}
    overall = metrics.get("accuracy", {}).get("overall")
    return (found if overall is None else {"accuracy": overall} | found) or None


def read_results(model: LoadedModel) -> Results:
    """The last test of a model; of a shipped one its card's, which has no single predictions.

    Raises:
        ApiError: as of `results_folder`.
        DataError: a file of the results is broken.
    """
    metrics = _metrics(model)
    if metrics is not None and model.card is not None:
        return Results(metrics=metrics, confusion=None, mistakes=False)
    folder = results_folder(model)
    confusion = _confusion(read_predictions(folder))
    return Results(metrics=read_json(folder / METRICS), confusion=confusion, mistakes=True)


def _metrics(model: LoadedModel) -> dict[str, Any] | None:
    """What `metrics.json` of the last test holds, or a card in that form; None where there is no test."""
    if model.card is not None:
        from visreason.zoo.card import Card  # brings all that tests models, for which a start does not wait

        return metrics_of_card(Card.read(model.card))
    if model.run is None or not (RunFolder(model.run).results / METRICS).is_file():
        return None
    metrics: dict[str, Any] = read_json(RunFolder(model.run).results / METRICS)
    return metrics


def metrics_of_card(card: "Card") -> dict[str, Any] | None:
    """The test on unseen generated data of the weights that ship, in the form of `metrics.json`.

    `accuracy.by_type.exist` of the card becomes `metrics["accuracy"]["by_type"]["exist"]`.
    """
    tests = card.record.of_role("generated")
    if not tests:
        return None
    metrics: dict[str, Any] = {"model": card.record.name, "data": tests[0].data, "split": tests[0].split}
    for name, runs in tests[0].figures.items():
        *groups, last = name.split(".", maxsplit=2)
        inner = metrics
        for group in groups:
            inner = inner.setdefault(group, {})
        inner[last] = runs[card.run].to_dict()
    return metrics


def results_folder(model: LoadedModel) -> Path:
    """Where the results of a model's last test are.

    Raises:
        ApiError: its run was never tested, or it is no run (404).
    """
    if model.card is not None:
        raise ApiError(
            404, "not_found", "a shipped model's card has its figures, and not each of its answers."
        )
    folder = None if model.run is None else RunFolder(model.run).results
    if folder is None or not (folder / METRICS).is_file():
        hint = "It is no run." if folder is None else "Test it: `visreason test RUN`."
        raise ApiError(404, "not_found", f"there are no results of this model. {hint}")
    return folder


def read_predictions(folder: Path) -> list[dict[str, Any]]:
    """The lines of `predictions.jsonl` of a test.

    Raises:
        DataError: one is no JSON.
    """
    path = folder / PREDICTIONS
    if not path.is_file():
        return []
    try:
        return [orjson.loads(line) for line in path.read_bytes().splitlines()]
    except orjson.JSONDecodeError as error:
        raise DataError(f"{path.name} of the run is broken ({error}). Test the model again.") from error


def _confusion(predictions: Sequence[dict[str, Any]]) -> Confusion | None:
    """What was taken for what; None where the model does not answer in words."""
    pairs = [(one["answer"], one["prediction"]) for one in predictions if one.keys() >= _WORDED]
    if not pairs or not all(isinstance(word, str) for pair in pairs for word in pair):
        return None
    labels = labels_of({word for pair in pairs for word in pair})
    counts = confusion_matrix([one for one, _ in pairs], [other for _, other in pairs], labels)
    return Confusion(labels=list(labels), counts=counts.tolist())
