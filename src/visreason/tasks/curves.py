"""A run's `metrics.jsonl` as curves to draw."""

from collections.abc import Sequence
from typing import Any

from visreason.metrics.training_plot import Curve, RunCurves
from visreason.tasks.run_folder import RunFolder

_SCORES = {
    "joint_score": "Mean of answers and boxes, unseen",
    "average_precision": "Average precision on unseen images",
    "per_class_ap": "Per-class AP on unseen regions",
    "iou50": "Boxes at IoU 0.5, unseen expressions",
    "programs_exact": "Programs exactly right, unseen questions",
}
"""What stands in place of accuracy, of the tasks that have another score, by what a plot calls it."""


def read_curves(run: RunFolder) -> RunCurves:
    """Read what a run has recorded so far; the attribute task's score is its average precision, that of locating the
    share of located boxes.

    Args:
        run: a run that is finished, stopped or still going.
    """
    records = list(run.read_metrics())
    known = {name for record in records for name in record}
    known -= (
        {"programs_exact"} if "accuracy" in known else set()
    )  # models that answer are judged by their answers
    score = next((name for name in _SCORES if name in known), "accuracy")
    kinds = [
        record["accuracy_by_class"] | {"step": record["step"]}
        for record in records
        if "accuracy_by_class" in record
    ]
    classes = list(dict.fromkeys(name for kind in kinds for name in kind if name != "step"))
    return RunCurves(
        loss=_curve(records, "loss"),
        test_loss=_curve(records, "test_loss"),
        accuracy=_curve(records, score),
        accuracy_name=_SCORES.get(score, "Accuracy on unseen questions"),
        accuracy_by_class={name: _curve(kinds, name) for name in classes},
        invalid=_curve(records, "invalid"),
        learning_rate=_curve(records, "lr"),
    )


def _curve(records: Sequence[dict[str, Any]], name: str) -> Curve:
    """One figure along the steps, from the records that have it."""
    having = [record for record in records if name in record]
    return Curve([record["step"] for record in having], [record[name] for record in having])
