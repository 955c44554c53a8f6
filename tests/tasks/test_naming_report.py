"""A report of named regions: which region said what, figures by prediction and attribute, and files."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

from visreason.data.regions.collector import Collector, Found
from visreason.data.regions.dataset import RegionDataset
from visreason.metrics.region_predictions import RegionPredictions
from visreason.models.region_output import RegionOutput
from visreason.nn.region_batch import RegionBatch
from visreason.tasks.naming_report import NamingReport
from visreason.tasks.region_tally import RegionTally
from visreason.tasks.reports import Subject

SUBJECT = Subject("mine", "here", "val")


@pytest.fixture
def samples(tmp_path: Path) -> RegionDataset:
    """Three images: two regions, none, one."""
    collector = Collector("three images")
    regions: list[list[tuple[str, str, tuple[str, ...]]]] = [
        [("cup", "a", ("red", "small")), ("jug", "b", ("red",))],
        [],
        [("cup", "c", ())],
    ]
    for number, own in enumerate(regions):
        file = tmp_path / f"{number}.png"
        Image.new("RGB", (40, 20)).save(file)
        found = [
            Found((row, 1.004, row + 8, 9), name, key, words) for row, (name, key, words) in enumerate(own)
        ]
        collector.add(file, 40, 20, found)
    return RegionDataset(collector.finish(), short=10, long=100)


def tally_of(samples: RegionDataset, names: tuple[str, ...] = ("backbone", "local 1")) -> RegionTally:
    """Both cups are named rightly in the end, the jug is not; in the beginning nothing is."""
    tally = RegionTally(samples.regions.classes, [0, 30, 4])
    cup, jug = samples.regions.classes.index("cup"), samples.regions.classes.index("jug")
    final = torch.zeros(3, 3)
    final[:, cup] = 2.0
    first = torch.zeros(3, 3)
    first[[0, 2], jug] = first[1, cup] = 1.0
    batch = RegionBatch(
        sizes=torch.full((2, 2), 8),
        boxes=torch.zeros(3, 4),
        image_rows=torch.tensor([0, 0, 1]),
        labels=torch.tensor([cup, jug, cup]),
        image_index=torch.tensor([0, 2]),
    )
    said = torch.stack([first, final])[-len(names) :]
    tally.add(batch, RegionOutput(final, said, names, (None, 0)[: len(names)], torch.ones(3, len(names))))
    return tally


@pytest.fixture
def report(samples: RegionDataset) -> NamingReport:
    return NamingReport.of(SUBJECT, tally_of(samples), samples, dropped=0.25)


def test_each_prediction_belongs_to_its_own_region(report: NamingReport) -> None:
    keys = ("image_filename", "region", "answer", "prediction", "correct", "attributes")
    assert [tuple(one[key] for key in keys) for one in report.predictions] == [
        ("0.png", "a", "cup", "cup", True, ["red", "small"]),
        ("0.png", "b", "jug", "cup", False, ["red"]),
        ("2.png", "c", "cup", "cup", True, []),
    ]
    assert [one["box"] for one in report.predictions] == [[0, 1, 8, 9], [1, 1, 9, 9], [0, 1, 8, 9]]
    assert {one["probability"] for one in report.predictions} == {0.786986}


def test_figures_by_prediction_and_by_attribute(report: NamingReport) -> None:
    assert {name: one.value for name, one in report.by_prediction.items()} == {
        "backbone": 0,
        "local 1": pytest.approx(2 / 3),
    }
    assert {word: (one.value, one.count) for word, one in report.by_word.items()} == {
        "red": (0.5, 2),
        "small": (1.0, 1),
    }


def test_the_form_of_metrics_json(report: NamingReport) -> None:
    figures = report.to_dict()
    assert [figures[key] for key in ("task", "model", "data", "split", "dropped")] == [
        "regions",
        "mine",
        "here",
        "val",
        0.25,
    ]
    assert figures["per_instance_ac"]["overall"]["value"] == pytest.approx(2 / 3)
    assert set(figures["per_instance_ac"]) == {"overall", "by_prediction", "by_attribute"}
    assert set(figures["per_class_ap"]["by_frequency"]) == {"1–9", "10–99"}
    assert figures["loss"] == report.loss
    json.dumps(figures, allow_nan=False)


def test_the_table_tells_of_predictions_only_where_there_are_several(samples: RegionDataset) -> None:
    rows = {
        name: (value, count)
        for name, value, count in NamingReport.of(SUBJECT, tally_of(samples), samples).table()
    }
    assert list(rows)[:6] == [
        "AP over regions",
        "accuracy over regions",
        "AP over classes",
        "accuracy over classes",
        "accuracy, backbone",
        "accuracy, local 1",
    ]
    assert rows["accuracy over regions"][0].startswith("66.7 % (")
    assert rows["accuracy, red"][1] == "2"
    alone = NamingReport.of(SUBJECT, tally_of(samples, ("backbone",)), samples).table()
    assert "accuracy, backbone" not in {row[0] for row in alone}


def test_all_files_are_written_and_predictions_can_be_scored_again(
    report: NamingReport, tmp_path: Path
) -> None:
    written = report.write(tmp_path / "out")
    assert [path.name for path in written] == [
        "metrics.json",
        "results.csv",
        "predictions.jsonl",
        "predictions.npz",
    ]
    assert json.loads(written[0].read_text()) == json.loads(json.dumps(report.to_dict()))
    with written[1].open() as file:
        figures = {row["figure"]: float(row["value"]) for row in csv.DictReader(file)}
    assert figures["per_instance_ac.by_attribute.red"] == 0.5
    assert len(written[2].read_text().splitlines()) == 3
    assert RegionPredictions.read(written[3]).score().line() == report.scores.line()


def test_what_was_read_from_a_file_has_the_scores_alone(report: NamingReport) -> None:
    again: dict[str, Any] = NamingReport(SUBJECT, report.said, report.scores).to_dict()
    assert again["loss"] is None
    assert set(again["per_instance_ac"]) == {"overall"}
    assert again["per_class_ap"] == report.to_dict()["per_class_ap"]
