"""Reports of boxes, alone and beside answers, and their files."""

import csv
import json
from types import SimpleNamespace

import pytest

from visreason.metrics.accuracy import score
from visreason.metrics.layouts import score_layouts
from visreason.tasks.location_report import JointReport, LocationReport
from visreason.tasks.reports import AnswerReport, Subject
from visreason.tasks.stack_tally import LayoutTally, LocationTally

SUBJECT = Subject("runs/one", "world", "val")


@pytest.fixture
def located():
    """Two expressions, one located."""
    tally = LocationTally((4, 6), (64, 96))
    tally.true = [[1.0, 2, 3, 4], [5.0, 6, 7, 8]]
    tally.predicted = [[1.0, 2, 3, 4], [50.0, 6, 7, 8]]
    tally.overlaps, tally.probabilities, tally.losses = [1.0, 0.0], [0.9, 0.4], [0.5, 1.5]
    tally.expressions, tally.images = [0, 1], [7, 8]
    layouts = LayoutTally(ends_in_answer=False)
    layouts.planned, layouts.true, layouts.images = [[1, 0], [1, 3]], [[1, 0], [1, 0]], [7, 8]
    table = SimpleNamespace(index_Q=[10, 11], image="{}.png".format, type=["and", "or"].__getitem__)
    return LocationReport.of(SUBJECT, tally, layouts, table)


@pytest.fixture
def answered():
    scores = score(["yes", "no"], ["yes", "yes"], ["exist", "exist"], [7, 8])
    predictions = [{"prediction": "yes"}, {"prediction": "yes"}]
    layouts = score_layouts([[1, 7], [1, 0]], [[1, 7], [1, 7]], [7, 8], ends_in_answer=True)
    return AnswerReport(SUBJECT, scores, 0.7, ["yes", "no"], predictions, layouts=layouts)


def test_figures_of_boxes(located):
    figures = located.to_dict()
    assert (figures["task"], figures["loss"]) == ("locating", 1.0)
    assert figures["iou50"]["overall"]["value"] == figures["mean_iou"]["overall"]["value"] == 0.5
    assert figures["iou50"]["by_type"]["and"]["value"] == 1
    assert figures["layout"]["exact"]["value"] == 0.5
    names = [name for name, _, _ in located.table()]
    assert names == [
        "located (IoU 0.5)",
        "and",
        "or",
        "mean IoU",
        "true layouts",
        "true steps",
        "valid layouts",
    ]


def test_an_expressions_prediction(located):
    first, second = located.predictions
    assert first["box"] == first["prediction"] == [1, 2, 3, 4]
    assert (first["correct"], second["correct"]) == (True, False)
    assert (second["question_index"], second["layout"]) == (11, "Find Filter")


def test_a_joint_report_keeps_both(located, answered, tmp_path):
    report = JointReport(SUBJECT, answered, located)
    figures = report.to_dict()
    assert figures["task"] == "joint"
    assert figures["layout"]["answering"]["exact"]["value"] == figures["layout"]["locating"]["exact"]["value"]
    assert figures["loss"] == {"answering": 0.7, "locating": 1.0}
    names = [path.name for path in report.write(tmp_path)]
    assert names == ["metrics.json", "results.csv", "predictions.jsonl", "confusion.png"]
    assert json.loads((tmp_path / "metrics.json").read_text()) == figures
    rows = list(csv.DictReader((tmp_path / "results.csv").open()))
    assert {row["figure"] for row in rows} >= {"accuracy.overall", "iou50.overall", "layout.locating.exact"}
    assert len((tmp_path / "predictions.jsonl").read_text().splitlines()) == 4
