"""Training on regions: the loss has the recipe's weights, and a stopped run goes on to the same numbers."""

from pathlib import Path
from typing import Any

import pytest
import torch
from rich.console import Console

from visreason.models import load_model
from visreason.tasks.checkpoint import read_checkpoint
from visreason.tasks.modules import regions
from visreason.tasks.run_folder import RunFolder
from visreason.tasks.sources import training_data
from visreason.tasks.training import make_model, train


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("region-local-quick", {"beta": 1.0}),
        ("region-local-quick", {"beta": 0.1, "memory_weight": 3.0, "final_weight": 0.25}),
        ("region-baseline-quick", {"memory_weight": 3.0, "final_weight": 0.25}),
    ],
)
def test_the_loss_is_weighed_as_the_recipe_says(
    region_data: Path, small_regions: Any, name: str, changes: dict[str, float]
) -> None:
    recipe = small_regions(name, **{f"task__{key}": value for key, value in changes.items()})
    data = training_data(recipe, region_data, Console(quiet=True))
    model = make_model(recipe, data).eval()
    module = regions.Regions(model, recipe, 10, data)
    batch = data.collate([data.train(0)[row] for row in range(3)])
    expected = model(batch).loss(batch.labels, **changes)
    found = module.loss(batch)
    torch.testing.assert_close(found.total, expected.total)
    several = name != "region-baseline-quick"
    assert found.figures == {
        f"{part}_loss": pytest.approx(getattr(expected, part).item())
        for part in ("image", "memory", "final")
        if several
    }
    tally = module.new_tally()
    assert list(tally.classes) == data.meta["classes"]
    assert list(tally.frequencies) == data.meta["frequencies"]


def records(run: RunFolder) -> list[dict[str, Any]]:
    return [{key: value for key, value in one.items() if key != "seconds"} for one in run.read_metrics()]


def test_a_stopped_run_goes_on_to_the_same_numbers(
    region_data: Path, small_regions: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = small_regions("region-full-quick", checkpoint__every_steps=1, training__epochs=2)
    quiet = Console(quiet=True)
    data = training_data(recipe, region_data, quiet)
    whole, stopped = (RunFolder.create(tmp_path / name, recipe, None) for name in ("whole", "stopped"))
    train(recipe, data, whole, quiet)
    assert {"loss", "image_loss", "memory_loss", "final_loss"} <= set(records(whole)[0])
    steps = iter(range(8))
    loss = regions.Regions.loss

    def stop(module: regions.Regions, batch: Any) -> Any:
        if next(steps, None) is None:
            raise KeyboardInterrupt
        return loss(module, batch)

    with monkeypatch.context() as patch:
        patch.setattr(regions.Regions, "loss", stop)
        with pytest.raises(KeyboardInterrupt):
            train(recipe, data, stopped, quiet)
    assert read_checkpoint(stopped.last)["global_step"] == 8
    train(recipe, data, stopped, quiet)
    assert records(stopped) == records(whole)
    ours, theirs = (load_model(run.weights).model.state_dict() for run in (stopped, whole))
    assert [name for name in ours if not torch.equal(ours[name], theirs[name])] == []
