"""One training run from recipe to model file: made, resumed, interrupted, finished."""

import warnings
from dataclasses import dataclass, replace
from typing import Any

import torch
from lightning.pytorch import Callback, Trainer
from lightning.pytorch.callbacks import EMAWeightAveraging
from lightning.pytorch.utilities.exceptions import SIGTERMException
from rich.console import Console
from torch import nn

from visreason.errors import ModelError, UsageError
from visreason.models import build_model
from visreason.models.region_reasoning import RegionReasoner
from visreason.nn.compiling import compile_layers
from visreason.nn.threads import limited_threads
from visreason.tasks.callbacks import Keeper, MetricsLog, Narrator
from visreason.tasks.checkpoint import read_checkpoint
from visreason.tasks.checkpoint_io import AtomicCheckpoints
from visreason.tasks.datamodule import TaskDataModule
from visreason.tasks.history import Timekeeper
from visreason.tasks.loader import TaskData
from visreason.tasks.loggers import make_loggers
from visreason.tasks.modules.answering import Answering
from visreason.tasks.modules.attributes import Attributes
from visreason.tasks.modules.end_to_end import EndToEnd
from visreason.tasks.modules.module import TaskModule
from visreason.tasks.modules.objects import Objects
from visreason.tasks.modules.programs import Programs
from visreason.tasks.modules.reasoning import Reasoning
from visreason.tasks.modules.regions import Regions
from visreason.tasks.modules.relations import Relations
from visreason.tasks.modules.stack import Joint, Locating, StackAnswering
from visreason.tasks.processes import OneBatchNorm, check_devices, strategy_of
from visreason.tasks.recipes.layers import from_nested
from visreason.tasks.recipes.model_settings import model_config
from visreason.tasks.recipes.recipe import Recipe
from visreason.tasks.recipes.settings import to_recipe, to_settings
from visreason.tasks.run_folder import RunFolder
from visreason.tasks.starting_weights import copy_parts
from visreason.tasks.team import is_first_process

TASKS: dict[str, type[TaskModule]] = {
    "answering": Answering,
    "attributes": Attributes,
    "objects": Objects,
    "relations": Relations,
    "programs": Programs,
    "reasoning": Reasoning,
    "end-to-end": EndToEnd,
    "stack-answering": StackAnswering,
    "locating": Locating,
    "joint": Joint,
    "regions": Regions,
}


@dataclass(frozen=True, slots=True)
class Finished:
    """What came of a training.

    Attributes:
        run: its folder.
        score_name: the metric that decided which epoch is best.
        score: the best epoch's.
        epochs: how many were trained.
        steps: optimiser steps.
    """

    run: RunFolder
    score_name: str
    score: float
    epochs: int
    steps: int

    def to_dict(self) -> dict[str, Any]:
        """The form of `train --json`."""
        return {
            "run": str(self.run.path),
            "score_name": self.score_name,
            "score": self.score,
            "epochs": self.epochs,
            "steps": self.steps,
        }

    def __str__(self) -> str:
        name = self.score_name.replace("_", " ")
        score = f"{name} {100 * self.score:.1f} % on unseen data"
        return f"{self.run.path}: {score}, {_count(self.epochs, 'epoch')}, {_count(self.steps, 'step')}"


def _count(number: int, what: str) -> str:
    """A number of things in words: `1 epoch`, `2 epochs`."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def train(recipe: Recipe, data: TaskData, run: RunFolder, console: Console) -> Finished:
    """Train until the recipe's end, from the run's last checkpoint if it has one.

    A run that is killed at any moment and trained again gives the same metrics and weights as one that was
    not, on the same machine: data order, dropout and learning rate are functions of seed, epoch and step, and
    everything else is in the checkpoint.

    Args:
        recipe: how.
        data: on what.
        run: the run's folder, made by `RunFolder.create` or opened.
        console: where progress is shown.

    Raises:
        KeyboardInterrupt: the user (or SIGTERM) stopped it; the last checkpoint stays.
        ModelError: the last checkpoint is of another recipe.
        VisreasonError: data, disk or a setting does not allow it.
    """
    check_devices(recipe.training)
    processes = recipe.training.devices * recipe.training.nodes
    if len(data.validation) < processes:
        raise UsageError(
            f"{len(data.validation)} validation samples are too few for {processes} devices, of which each needs one."
        )
    given = run.data()
    data = replace(data, meta={**data.meta, "data": None if given is None else given.name})
    loaders = TaskDataModule(data, recipe)
    model = make_model(recipe, data)
    module = TASKS[recipe.task.name](model, recipe, loaders.steps(), data)
    resume = run.last if run.last.is_file() else None
    step = _check_checkpoint(run, recipe) if resume else -1
    if is_first_process():
        run.forget_metrics_after(step)
    if recipe.training.compile:
        _compile(model, recipe, console)
    trainer = make_trainer(recipe, run, console, model)
    with limited_threads(recipe.training.threads), warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="lightning")  # its advice on loaders is for other loaders
        try:
            trainer.fit(module, datamodule=loaders, ckpt_path=resume, weights_only=True)
        except SystemExit as stop:  # Lightning makes Ctrl-C an exit with 1, and SIGTERM one with 0
            if isinstance(stop, SIGTERMException) or isinstance(stop.__context__, KeyboardInterrupt):
                raise KeyboardInterrupt from None
            raise
    if module.best_score is None:
        raise UsageError(f"{run.path}: nothing was trained: no epoch has been completed.")
    return Finished(run, module.score_name, module.best_score, trainer.current_epoch, trainer.global_step)


_FREE = (
    *("about.", "checkpoint.", "logging.", "data.workers", "training.patience", "training.accelerator"),
    *("training.devices", "training.nodes", "training.strategy", "training.compile"),
)
"""Settings that may differ between a checkpoint and the run that goes on from it."""


def _check_checkpoint(run: RunFolder, recipe: Recipe) -> int:
    """Make sure that a run goes on from a checkpoint of its own recipe; return the checkpoint's step."""
    checkpoint = read_checkpoint(run.last)
    older = to_recipe(from_nested(checkpoint["visreason"]["recipe"]), str(run.last))
    ours, theirs = from_nested(to_settings(recipe)), from_nested(to_settings(older))
    names = [
        name for name in ours | theirs if ours.get(name) != theirs.get(name) and not name.startswith(_FREE)
    ]
    if names:
        raise ModelError(
            f"{run.last} is of another recipe: {names[0]} is {theirs.get(names[0])!r} there and "
            f"{ours.get(names[0])!r} in {run.config}. Put it back, or train a new run."
        )
    return int(checkpoint["global_step"])


def make_model(recipe: Recipe, data: TaskData) -> nn.Module:
    """The recipe's model with its first weights, which depend on the seed alone.

    Raises:
        ModelError: the settings fit no network, or what `model_init` names does not fit it.
    """
    config = model_config(recipe, data.meta)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(recipe.training.seed)
        model = build_model(recipe.model.family, config)
    if isinstance(model, RegionReasoner) and model.graph is not None and data.knowledge is not None:
        model.set_knowledge(*data.knowledge.tensors())
    copy_parts(model, recipe.model_init, data.meta)
    return model


def _compile(model: nn.Module, recipe: Recipe, console: Console) -> None:
    """Let the model's layers of a constant course run compiled, and say where that comes to nothing."""

    def say(reason: str) -> None:
        text = f"warning: training.compile: {reason}"
        console.print(text, highlight=False, soft_wrap=True, markup=False)

    if not compile_layers(model, say):
        say(f"the family {recipe.model.family} has no layers that could be compiled; it is trained as it is.")


def make_trainer(recipe: Recipe, run: RunFolder, console: Console, model: nn.Module) -> Trainer:
    """Lightning's trainer, told what the recipe says."""
    training = recipe.training
    callbacks: list[Callback] = [MetricsLog(run, recipe.logging.every_steps)]
    if is_first_process():
        callbacks.append(Narrator(console))
    if training.ema is not None:
        callbacks.append(EMAWeightAveraging(decay=training.ema))
    callbacks += [Keeper(run, recipe.checkpoint), Timekeeper(run)]
    plugins: list[Any] = [AtomicCheckpoints()]
    if training.devices * training.nodes > 1:
        plugins.append(OneBatchNorm())
    settings: dict[str, Any] = {
        "max_epochs": training.epochs,
        "precision": training.precision,
        "accelerator": training.accelerator,
        "devices": training.devices,
        "num_nodes": training.nodes,
        "strategy": strategy_of(training, model),
        "accumulate_grad_batches": recipe.batch.accumulate,
    }
    return Trainer(
        **settings,
        default_root_dir=run.path,
        callbacks=callbacks,
        logger=make_loggers(recipe.logging.loggers, run),
        plugins=plugins,
        reload_dataloaders_every_n_epochs=1,
        num_sanity_val_steps=0,
        use_distributed_sampler=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
    )
