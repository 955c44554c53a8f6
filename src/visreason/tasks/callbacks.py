"""What happens beside training: metrics are written down, checkpoints kept, and progress shown."""

from collections.abc import Mapping
from time import monotonic
from typing import Any

import orjson
from lightning.pytorch import Callback, LightningModule, Trainer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from visreason.tasks.checkpoint import export_weights
from visreason.tasks.modules.module import TaskModule
from visreason.tasks.recipes.sections import CheckpointSettings
from visreason.tasks.run_folder import RunFolder


class MetricsLog(Callback):
    """Writes `metrics.jsonl`, and hands the same figures to whatever loggers the recipe names.

    A line of a step holds `step`, `epoch`, `loss`, `lr` and what else the task tells; the line of an epoch's
    end holds `train_loss`, `lr`, `seconds` and what was measured on the validation split. Epochs count from 1,
    steps are optimiser steps.

    Args:
        run: where the lines go.
        every_steps: steps between two lines.
    """

    def __init__(self, run: RunFolder, every_steps: int) -> None:
        self.run = run
        self.every_steps = every_steps
        self._last_step = -1
        self._started = monotonic()

    def on_train_start(self, trainer: Trainer, module: LightningModule) -> None:
        """Start the clock."""
        self._last_step = trainer.global_step
        self._started = monotonic()

    def on_train_batch_end(self, trainer: Trainer, module: LightningModule, *_: Any) -> None:
        """Write the loss of a step, every so many."""
        assert isinstance(module, TaskModule)
        step = trainer.global_step
        if step == self._last_step or step % self.every_steps:
            return
        self._last_step = step
        rate = trainer.optimizers[0].param_groups[0]["lr"]
        record = {"step": step, "epoch": trainer.current_epoch + 1, "loss": module.last_loss, "lr": rate}
        self._write(trainer, record | dict(module.last_figures))

    def on_train_epoch_end(self, trainer: Trainer, module: LightningModule) -> None:
        """Write the figures of an epoch."""
        assert isinstance(module, TaskModule)
        seconds, self._started = monotonic() - self._started, monotonic()
        place = {"step": trainer.global_step, "epoch": trainer.current_epoch + 1}
        self._write(trainer, place | {"seconds": round(seconds, 3)} | _as_validation(module.epoch_metrics))

    def _write(self, trainer: Trainer, record: Mapping[str, Any]) -> None:
        if not trainer.is_global_zero:
            return
        with self.run.metrics.open("ab") as file:
            file.write(orjson.dumps(record) + b"\n")
        for logger in trainer.loggers:
            logger.log_metrics(_flatten(record), step=record["step"])


class Keeper(Callback):
    """Writes `last.ckpt` at every epoch's end and in between, and keeps the best epoch as checkpoint and
    model file.

    Every file is replaced whole, so whenever the process is killed, what lies there can be resumed from.

    Args:
        run: where the files go.
        settings: how often in between.
    """

    def __init__(self, run: RunFolder, settings: CheckpointSettings) -> None:
        self.run = run
        self.settings = settings
        self._last_step = 0
        self._last_time = monotonic()

    def on_train_start(self, trainer: Trainer, module: LightningModule) -> None:
        """Start counting."""
        self._last_step, self._last_time = trainer.global_step, monotonic()

    def on_train_batch_end(self, trainer: Trainer, module: LightningModule, *_: Any) -> None:
        """Save when it is time, after a whole optimiser step, and not just before the epoch's end does."""
        batches_done = trainer.fit_loop.batch_idx + 1
        if trainer.is_last_batch or batches_done % trainer.accumulate_grad_batches:
            return
        steps, minutes = self.settings.every_steps, self.settings.every_minutes
        due = steps is not None and trainer.global_step - self._last_step >= steps
        due |= minutes is not None and monotonic() - self._last_time >= 60 * minutes
        if trainer.strategy.reduce_boolean_decision(due, all=False):
            self._save(trainer)

    def on_train_epoch_end(self, trainer: Trainer, module: LightningModule) -> None:
        """Save; and if no epoch was better, keep it."""
        assert isinstance(module, TaskModule)
        if module.improved:  # before last.ckpt knows of it: a kill in between only repeats the epoch
            trainer.save_checkpoint(self.run.best)
            if trainer.is_global_zero:
                export_weights(self.run)
        self._save(trainer)

    def _save(self, trainer: Trainer) -> None:
        trainer.save_checkpoint(self.run.last)
        self._last_step, self._last_time = trainer.global_step, monotonic()


class Narrator(Callback):
    """Tells people how training goes: a line an epoch, and on a terminal a bar that moves.

    Args:
        console: where to; standard error, so that results alone are on standard output.
    """

    def __init__(self, console: Console) -> None:
        self.progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("loss {task.fields[loss]:.3f}"),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self.progress.add_task("", loss=float("nan"))
        self._started = monotonic()

    def on_train_start(self, trainer: Trainer, module: LightningModule) -> None:
        """Show the bar."""
        self.progress.start()

    def on_train_epoch_start(self, trainer: Trainer, module: LightningModule) -> None:
        """Begin an epoch's bar."""
        self._started = monotonic()
        name = f"epoch {trainer.current_epoch + 1}/{trainer.max_epochs}"
        self.progress.reset(
            self._task, description=name, total=trainer.num_training_batches, loss=float("nan")
        )

    def on_train_batch_end(self, trainer: Trainer, module: LightningModule, *_: Any) -> None:
        """Move the bar."""
        assert isinstance(module, TaskModule)
        self.progress.update(self._task, completed=trainer.fit_loop.batch_idx + 1, loss=module.last_loss)

    def on_train_epoch_end(self, trainer: Trainer, module: LightningModule) -> None:
        """Print an epoch's line."""
        assert isinstance(module, TaskModule)
        found = module.epoch_metrics
        score = f"{module.score_name.replace('_', ' ')} {found[module.score_name]:.1%}".replace("%", " %")
        self.progress.console.print(
            f"epoch {trainer.current_epoch + 1}/{trainer.max_epochs}  train loss {found['train_loss']:.3f}  "
            f"test loss {found['loss']:.3f}  {score}{'  best' if module.improved else ''}  "
            f"lr {found['lr']:.2g}  {monotonic() - self._started:.0f} s",
            highlight=False,
            soft_wrap=True,
        )

    def on_train_end(self, trainer: Trainer, module: LightningModule) -> None:
        """Take the bar away."""
        self.progress.stop()

    def on_exception(self, trainer: Trainer, module: LightningModule, exception: BaseException) -> None:
        """Take the bar away."""
        self.progress.stop()


def _as_validation(metrics: Mapping[str, Any]) -> dict[str, Any]:
    """An epoch's metrics with the loss of unseen data called `test_loss`, as plots know it."""
    return {"test_loss" if name == "loss" else name: value for name, value in metrics.items()}


def _flatten(record: Mapping[str, Any]) -> dict[str, float]:
    """Nested figures as `accuracy_by_class/number`, for loggers that take one level."""
    flat: dict[str, float] = {}
    for name, value in record.items():
        flat |= (
            {f"{name}/{key}": one for key, one in value.items()}
            if isinstance(value, Mapping)
            else {name: value}
        )
    return flat
