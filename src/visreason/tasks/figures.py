"""Figures as files: `metrics.json` for programs, `results.csv` for tables, `predictions.jsonl` for the samples."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson

from visreason.files import write_atomically, write_json

METRICS, TABLE, PREDICTIONS = "metrics.json", "results.csv", "predictions.jsonl"


def write_figures(
    folder: Path, figures: Mapping[str, Any], predictions: Iterable[Mapping[str, Any]]
) -> list[Path]:
    """Write a test's figures and predictions; return the files' paths.

    Args:
        folder: where.
        figures: as in `metrics.json`.
        predictions: one object a sample.
    """
    metrics, table, lines = (folder / name for name in (METRICS, TABLE, PREDICTIONS))
    write_json(metrics, figures, indent=True)
    text = io.StringIO(newline="")
    rows = csv.writer(text)
    rows.writerow(["figure", "value", "low", "high", "count"])
    rows.writerows(figure_rows(figures))
    with write_atomically(table) as file:
        file.write(text.getvalue().encode())
    with write_atomically(lines) as file:
        file.writelines(orjson.dumps(one) + b"\n" for one in predictions)
    return [metrics, table, lines]


def figure_rows(figures: Mapping[str, Any], prefix: str = "") -> Iterator[list[str | float]]:
    """Every figure that has an interval, by its dotted name in `metrics.json`.

    Example:
        >>> list(figure_rows({"iou50": {"overall": {"value": 0.5, "low": 0.4, "high": 0.6, "count": 9}}}))
        [['iou50.overall', 0.5, 0.4, 0.6, 9]]
    """
    for name, value in figures.items():
        if isinstance(value, Mapping) and "low" in value:
            yield [f"{prefix}{name}", value["value"], value["low"], value["high"], value["count"]]
        elif isinstance(value, Mapping):
            yield from figure_rows(value, f"{prefix}{name}.")
