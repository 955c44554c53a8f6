"""Several processes, on one machine or many, that train one model as a single one would.

Every process takes its share of every batch, and the gradients are averaged so that all samples of the batch weigh
alike, whatever the sizes of the shares (`visreason.tasks.loader.EpochLoader`).
"""

import time
from pathlib import Path

import torch.distributed
from lightning.fabric.utilities.exceptions import MisconfigurationException
from lightning.pytorch import Trainer
from lightning.pytorch.plugins import LayerSync
from lightning.pytorch.strategies import DDPStrategy, Strategy
from torch.nn import Module

from visreason.errors import UsageError
from visreason.models.program_engine import ProgramEngine
from visreason.nn.batch_norm import separate, synchronise
from visreason.nn.region_trunk import RegionTrunk
from visreason.tasks.recipes.sections import TrainingSettings
from visreason.tasks.run_folder import RunFolder
from visreason.tasks.team import quieten_lightning

_WAIT_SECONDS = 0.5


def opened_by_first(path: Path, patience: float = 3600.0) -> RunFolder:
    """The run that the first process makes, as soon as it is there.

    Slurm and torchrun start all processes at once, Lightning the others after the first.

    Args:
        path: the run's folder, which all machines have to see.
        patience: seconds to wait; the first process may have to generate a world before.

    Raises:
        UsageError: it did not come.
    """
    run, end = RunFolder(path), time.monotonic() + patience
    while not run.is_run():
        if time.monotonic() > end:
            raise UsageError(
                f"the first process has made no run in {path}. Look at its messages; --out must be a folder that all "
                "machines see."
            )
        time.sleep(_WAIT_SECONDS)
    return run


def check_devices(training: TrainingSettings) -> None:
    """Make sure that this machine has the devices of a recipe, and Lightning its strategy.

    Raises:
        UsageError: it has not; says which.
    """
    quieten_lightning()
    try:
        Trainer(
            accelerator=training.accelerator,
            devices=training.devices,
            num_nodes=training.nodes,
            strategy=training.strategy,
            logger=False,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
        )
    except (MisconfigurationException, ValueError) as error:
        said = " ".join(str(error).split())
        raise UsageError(
            f"training.accelerator {training.accelerator}, training.devices {training.devices}, training.strategy "
            f"{training.strategy}: {said}"
        ) from error


def strategy_of(training: TrainingSettings, model: Module) -> Strategy | str:
    """How several processes share the work: data-parallel, unless the recipe names another of Lightning's strategies.

    Not every step passes every module of a program, so weights without a gradient are looked for.
    """
    if training.devices * training.nodes == 1 or training.strategy not in ("auto", "ddp"):
        return training.strategy
    programs = any(isinstance(part, ProgramEngine) for part in model.modules())
    return DDPStrategy(find_unused_parameters=programs, broadcast_buffers=False)


class OneBatchNorm(LayerSync):
    """Batch normalisation over the processes' whole batch.

    The modules of a program and the trunk of a network of regions, which each process passes as its own samples ask
    for, normalise by these alone.
    """

    def apply(self, model: Module) -> Module:
        """Synchronise the layers; called once the processes know of each other."""
        group = torch.distributed.new_group()
        assert group is not None
        synchronise(model, group, besides=(ProgramEngine, RegionTrunk))
        return model

    def revert(self, model: Module) -> Module:
        """Undo it."""
        separate(model)
        return model
