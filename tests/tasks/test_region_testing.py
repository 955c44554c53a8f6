import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from visreason.cli.main import main
from visreason.errors import DataError, UsageError
from visreason.metrics.region_predictions import RegionPredictions
from visreason.tasks.region_testing import score_again
from visreason.tasks.run_folder import RunFolder
from visreason.tasks.sources import training_data
from visreason.tasks.testing import run_test
from visreason.tasks.training import train

QUIET = Console(quiet=True)


@pytest.fixture(scope="module")
def run(region_data: Path, small_regions: Any, tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A network with a spatial memory, trained for an epoch."""
    recipe = small_regions("region-local-quick")
    made = RunFolder.create(tmp_path_factory.mktemp("runs") / "local", recipe, region_data)
    train(recipe, training_data(recipe, region_data, QUIET), made, QUIET)
    return made


def test_a_run_is_tested_on_its_own_data_and_its_predictions_score_alike(
    run: RunFolder, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["test", str(run.path), "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert {"per_instance_ap", "per_instance_ac", "per_class_ap", "per_class_ac"} <= set(figures)
    best = next(one for one in run.read_metrics() if "per_class_ap" in one)
    for name in ("per_instance_ap", "per_instance_ac", "per_class_ap", "per_class_ac"):
        assert figures[name]["overall"]["value"] == pytest.approx(best[name])
    accuracy = figures["per_instance_ac"]
    assert list(accuracy["by_prediction"]) == ["backbone", "local 1", "local 2"]
    assert {"appearance", "local"} <= set(accuracy["by_attribute"])
    lines = [json.loads(line) for line in (run.results / "predictions.jsonl").read_text().splitlines()]
    assert len(lines) == accuracy["overall"]["count"]
    assert np.mean([line["correct"] for line in lines]) == pytest.approx(accuracy["overall"]["value"])
    saved = run.results / "predictions.npz"
    assert (
        main(["test", str(run.path), "--predictions", str(saved), "--json", "--output", str(tmp_path)]) == 0
    )
    again = json.loads(capsys.readouterr().out)
    assert again["per_class_ap"] == figures["per_class_ap"]
    assert (tmp_path / "metrics.json").is_file()


def test_dropped_regions_are_the_same_before_and_after(run: RunFolder) -> None:
    whole = run_test(str(run.path), console=QUIET)
    whole.report.write(whole.folder)
    before = run_test(str(run.path), console=QUIET, drop_regions=0.5, seed=3)
    after = score_again(str(run.path), whole.folder / "predictions.npz", dropped=0.5, seed=3)
    count = before.report.to_dict()["per_instance_ac"]["overall"]["count"]
    assert 0 < count < len(RegionPredictions.read(whole.folder / "predictions.npz").labels)
    assert before.folder != whole.folder
    said = before.report.said  # type: ignore[attr-defined]
    assert np.array_equal(said.labels, after.said.labels)
    assert np.array_equal(said.images, after.said.images)
    assert not np.allclose(said.probabilities, after.said.probabilities)  # the context is another


def test_what_does_not_fit_is_an_error(
    run: RunFolder, region_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["test", str(run.path), "--predictions", "x.npz", "--data", str(region_data)]) == 1
    assert "--predictions FILE goes with" in capsys.readouterr().err
    with pytest.raises(DataError, match=r"none.npz"):
        score_again("model", run.path / "none.npz")
    with pytest.raises(UsageError, match=r"between 0 and 1"):
        run_test(str(run.path), console=QUIET, drop_regions=1.5)
    with pytest.raises(UsageError, match=r"minimal pairs"):
        run_test(str(run.path), console=QUIET, counterfactuals=True)
    with pytest.raises(DataError, match=r"does not exist"):
        run_test(str(run.path), region_data, "test", console=QUIET)
