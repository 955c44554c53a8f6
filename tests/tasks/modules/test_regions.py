"""A run of regions that was stopped goes on to the numbers of one that was not."""

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
from visreason.tasks.training import train


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
