"""Figures as JSON, as a table, and beside them the samples."""

import csv
import json

from visreason.tasks.figures import figure_rows, write_figures

HALF = {"value": 0.5, "low": 0.4, "high": 0.6, "count": 9}


def test_files_of_a_test(tmp_path):
    figures = {"task": "locating", "iou50": {"overall": HALF, "by_type": {"or": HALF}}, "loss": 1.5}
    written = write_figures(tmp_path, figures, [{"iou": 0.5}, {"iou": 0.25}])
    assert [path.name for path in written] == ["metrics.json", "results.csv", "predictions.jsonl"]
    assert json.loads(written[0].read_text()) == figures
    rows = list(csv.reader(written[1].open()))
    assert rows[0] == ["figure", "value", "low", "high", "count"]
    assert rows[1:] == [[f"iou50.{name}", "0.5", "0.4", "0.6", "9"] for name in ("overall", "by_type.or")]
    assert written[2].read_text() == '{"iou":0.5}\n{"iou":0.25}\n'


def test_what_has_no_interval_is_in_no_row():
    assert list(figure_rows({"loss": 1.0, "executed": "true programs", "by_value": {"red": None}})) == []
