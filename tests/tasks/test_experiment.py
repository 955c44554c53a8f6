from collections.abc import Callable
from pathlib import Path
from statistics import fmean, stdev

import pytest
from rich.console import Console

from visreason.errors import UsageError
from visreason.tasks.experiment import Experiment
from visreason.tasks.recipes.recipe import Recipe

MakeRecipe = Callable[..., Recipe]
TINY = {"training__epochs": 1, "data__limit": 16}


def test_a_single_run_is_trained_tested_and_told(
    folder: Path, recipe: MakeRecipe, tiny_data: Path, console: Console
) -> None:
    results = Experiment.create(recipe(**TINY), tiny_data, folder, console).run(console)
    assert results.best.run.path == folder
    assert (folder / "results" / "metrics.json").is_file()
    assert results.to_dict().keys() == {"run", "score_name", "score", "epochs", "steps"}
    assert f"{folder}: accuracy" in str(results)
    assert f"visreason test {folder}" in str(results)


def test_seeds_are_separate_runs_with_best_and_spread(
    folder: Path, recipe: MakeRecipe, tiny_data: Path, console: Console
) -> None:
    results = Experiment.create(recipe(**TINY), tiny_data, folder, console, [1, 2, 3]).run(console)
    told = results.to_dict()
    scores = [run["score"] for run in told["runs"]]
    assert [run["run"] for run in told["runs"]] == [str(folder / f"seed-{seed}") for seed in (1, 2, 3)]
    assert told["score"] == max(scores)
    assert told["spread"]["mean"] == pytest.approx(fmean(scores))
    assert told["spread"]["standard_deviation"] == pytest.approx(stdev(scores))
    seeds = {run.recipe().training.seed for run in Experiment.open(folder, console).runs}
    assert seeds == {1, 2, 3}
    assert "3 seeds: best" in str(results)


def test_an_interrupted_experiment_goes_on_with_what_is_left(
    folder: Path, recipe: MakeRecipe, tiny_data: Path, console: Console
) -> None:
    wanted = recipe(**TINY)
    whole = Experiment.create(wanted, tiny_data, folder / "whole", console, [1, 2]).run(console)
    begun = Experiment.create(wanted, tiny_data, folder / "begun", console, [1, 2])
    Experiment(begun.path, begun.recipe, begun.runs[:1], begun.samples[:1]).run(console)
    gone_on = Experiment.open(folder / "begun", console)
    for experiment in (begun, gone_on):  # order and augmentation are those of each run's own seed
        assert [samples.train(0).seed for samples in experiment.samples] == [1, 2]  # type: ignore[attr-defined]
    assert [run.data() for run in gone_on.runs] == [tiny_data.resolve()] * 2
    assert [run.score for run in gone_on.run(console).runs] == [run.score for run in whole.runs]


def test_a_run_without_a_folder_gets_the_first_free_one(
    tmp_path: Path, recipe: MakeRecipe, tiny_data: Path, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    made = [Experiment.create(recipe(), tiny_data, None, console).path for _ in range(3)]
    assert made == [Path("runs/rn-quick"), Path("runs/rn-quick-2"), Path("runs/rn-quick-3")]


def test_what_contradicts_is_an_error(folder: Path, recipe: MakeRecipe, console: Console) -> None:
    with pytest.raises(UsageError, match="several devices needs --out"):
        Experiment.create(recipe(training__devices=2), None, None, console)
    with pytest.raises(UsageError, match="one seed a command"):
        Experiment.create(recipe(training__devices=2), None, folder, console, [1, 2])
    with pytest.raises(UsageError, match="different numbers; got 1, 1"):
        Experiment.create(recipe(), None, folder, console, [1, 1])
    with pytest.raises(UsageError, match="no run folder"):
        Experiment.open(folder, console)


def test_an_older_run_is_not_replaced_under_the_eyes_of_other_processes(
    folder: Path, recipe: MakeRecipe, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLURM_NTASKS", "2")
    with pytest.raises(UsageError, match="Remove its folder first"):
        Experiment.create(recipe(training__devices=2), None, folder, console, overwrite=True)


def test_a_process_beside_the_first_opens_the_run_that_the_first_made(
    folder: Path, recipe: MakeRecipe, tiny_data: Path, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = recipe(training__devices=2)
    Experiment.create(wanted, tiny_data, folder, console)
    monkeypatch.setenv("LOCAL_RANK", "1")
    assert Experiment.create(wanted, tiny_data, folder, console).runs[0].path == folder
