import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from visreason.data.world import generate_world
from visreason.data.world_counterfactuals import CounterfactualSplit, make_counterfactuals
from visreason.data.world_split import WorldSplit
from visreason.errors import UsageError
from visreason.models import load_model
from visreason.tasks.experiment import SEEDS
from visreason.tasks.recipes.recipe_yaml import to_yaml
from visreason.tasks.run_folder import RunFolder
from visreason.zoo.recording import TestOrder, best_of, record_runs, runs_of


def test_the_best_seed_is_chosen_by_validation(seeds: Path) -> None:
    assert (seeds / SEEDS).is_file()
    runs = runs_of(seeds)
    scores = [load_model(run.weights).meta["provenance"]["validation_score"] for run in runs]
    assert scores[best_of(runs)] == max(scores)


def test_minimal_pairs_of_a_folder_are_asked_and_its_making_is_told(seeds: Path, tmp_path: Path) -> None:
    world = WorldSplit("val", 4, 3, images=False, seed=3)
    generate_world(tmp_path / "w", world, jobs=1)
    make_counterfactuals(tmp_path / "w", CounterfactualSplit(world, 2), jobs=1)
    record = record_runs(
        "x", runs_of(seeds), [TestOrder("rules", tmp_path / "w", "val")], Console(quiet=True)
    )
    test = record.tests[0]
    assert (test.data, test.chose, test.made is not None and test.made["seed"]) == ("w", False, 3)
    assert test.count("counterfactual.both_right") > 0
    assert record.of_role("generated") == []


def test_runs_of_other_recipes_make_no_record(seeds: Path, tmp_path: Path) -> None:
    one, other = runs_of(seeds)
    shutil.copytree(other.path, tmp_path / "other")
    changed = RunFolder(tmp_path / "other")
    changed.config.write_text(to_yaml(replace(other.recipe(), batch=replace(other.recipe().batch, size=7))))
    with pytest.raises(UsageError, match="are of different recipes"):
        record_runs("x", [one, changed], [], Console(quiet=True))
