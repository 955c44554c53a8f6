"""What every task's training has: steps, learning rate, validation, early stop, a state to resume from."""

import math
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
import torch
import torch.distributed
from lightning.pytorch import LightningModule
from torch import Tensor, nn
from torch.optim import Optimizer

from visreason.errors import ModelError
from visreason.models import Output, config_to_dict, family_of
from visreason.nn.batch import Batch
from visreason.tasks.loader import EpochLoader, TaskData
from visreason.tasks.optimisers import make_optimiser
from visreason.tasks.recipes.recipe import Recipe
from visreason.tasks.recipes.schedules import Moment, Plateau, Stillness
from visreason.tasks.recipes.settings import to_settings
from visreason.tasks.starting_weights import image_network
from visreason.tasks.tallies import Tally


@dataclass(frozen=True, slots=True)
class StepLoss:
    """What a batch teaches.

    Attributes:
        total: what is differentiated, a mean over the batch.
        on_record: the loss that is written down and shown, where `total` holds more than one.
        figures: what else is written down, by name.
    """

    total: Tensor
    on_record: Tensor | None = None
    figures: Mapping[str, float] = field(default_factory=dict)


class TaskModule(LightningModule):
    """A model being trained, in Lightning's terms; the model itself stays a plain module.

    Nothing random carries over from one step to the next: dropout is seeded from (seed, epoch, batch), and the
    learning rate is a function of epoch and step. That is why a run that was killed gives the same numbers
    when it goes on.

    Args:
        model: the network.
        recipe: how it is trained.
        steps: optimiser steps of the whole training.
        data: what is trained and measured on; its `meta` is what a model file must say besides the weights.
    """

    score_name: str
    """The validation metric of which more is better."""

    def __init__(self, model: nn.Module, recipe: Recipe, steps: int, data: TaskData) -> None:
        super().__init__()
        self.model = model
        self.recipe = recipe
        self.steps = steps
        self.data = data
        self.meta = dict(data.meta)
        self.stillness = Stillness(min_delta=recipe.training.min_delta)
        self.drops = 0
        self.best_score: float | None = None
        self.improved = False
        self.last_loss = float("nan")
        self.last_figures: Mapping[str, float] = {}
        self.epoch_metrics: dict[str, Any] = {}
        self._loss_sum = 0.0
        self._samples = 0
        self._tally = self.new_tally()
        for part in self._left():
            part.requires_grad_(False)

    @abstractmethod
    def loss(self, batch: Batch) -> StepLoss:
        """The loss of a batch of training."""

    @abstractmethod
    def new_tally(self) -> Tally:
        """An empty tally for one validation."""

    def frozen(self) -> tuple[nn.Module, ...]:
        """The parts of the model that are left as they are: they get no gradient, take no step, and always behave
        as in evaluation."""
        return ()

    def train(self, mode: bool = True) -> Self:
        """Switch between training and evaluation; frozen parts stay in evaluation."""
        super().train(mode)
        for part in self._left():
            part.eval()
        return self

    def _left(self) -> tuple[nn.Module, ...]:
        """All that is left as it is: what the task says, and a frozen image network."""
        eyes = image_network(self.model) if self.recipe.model_init.conv_frozen else None
        return self.frozen() if eyes is None else (*self.frozen(), eyes)

    def configure_optimizers(self) -> Optimizer:
        """The recipe's optimiser over what learns; the learning rate is set before every step."""
        return make_optimiser(self.model, self.recipe.optimiser)

    def configure_gradient_clipping(
        self,
        optimizer: Optimizer,
        gradient_clip_val: float | None = None,
        gradient_clip_algorithm: str | None = None,
    ) -> None:
        """Clamp every number of the gradient, then shorten the whole of it, as far as the recipe says."""
        settings = self.recipe.optimiser
        for limit, algorithm in ((settings.clip_value, "value"), (settings.clip_norm, "norm")):
            if limit is not None:
                self.clip_gradients(optimizer, gradient_clip_val=limit, gradient_clip_algorithm=algorithm)

    def on_train_batch_start(self, batch: Batch, batch_idx: int) -> None:
        """Seed this step's randomness and set its learning rate."""
        seed = [self.recipe.training.seed, self.current_epoch, batch_idx, self.global_rank]
        torch.manual_seed(int(np.random.SeedSequence(seed).generate_state(1, np.uint64)[0]))
        for group in self.trainer.optimizers[0].param_groups:
            group["lr"] = self.learning_rate()

    def learning_rate(self) -> float:
        """The learning rate of the next optimiser step."""
        moment = Moment(self.current_epoch, self.global_step, self.steps, self.drops)
        return self.recipe.schedule.rate(self.recipe.optimiser.lr, moment)

    def training_step(self, batch: Batch, batch_idx: int) -> Tensor:
        """The loss of one batch, such that the batches of a step weigh alike, and in each all samples.

        Lightning divides by `accumulate`, and takes the mean over processes, whose shares may be uneven.
        """
        loader = self.trainer.train_dataloader
        assert isinstance(loader, EpochLoader)
        share = loader.shares[batch_idx]
        weight = share.weight(self.trainer.world_size)
        loss = self.loss(batch)
        recorded = (loss.total if loss.on_record is None else loss.on_record).detach() * weight
        self.last_loss = float(self.trainer.strategy.reduce(recorded, reduce_op="mean"))
        self._check_loss()
        self.last_figures = loss.figures
        self._loss_sum += self.last_loss * share.whole
        self._samples += share.whole
        accumulate = self.trainer.accumulate_grad_batches
        left = int(self.trainer.num_training_batches) - batch_idx // accumulate * accumulate
        return loss.total * (
            weight * accumulate / min(accumulate, left)
        )  # an epoch's last step may have fewer batches

    def _check_loss(self) -> None:
        """A loss that is no number teaches nothing, and takes the weights with it."""
        if not math.isfinite(self.last_loss):
            raise ModelError(
                f"the loss is {self.last_loss} after {self.global_step:,} steps, in epoch {self.current_epoch + 1}: "
                "the weights have run away. What was kept before is as it was; train with a lower optimiser.lr (it is "
                f"{self.recipe.optimiser.lr:g}) or optimiser.clip_norm (it is {self.recipe.optimiser.clip_norm})."
            )

    def on_validation_epoch_start(self) -> None:
        """Begin a new tally; all processes measure the first one's running statistics."""
        self._tally = self.new_tally()
        for buffer in self.model.buffers() if self.trainer.world_size > 1 else ():
            torch.distributed.broadcast(buffer, 0)

    def validation_step(self, batch: Batch, batch_idx: int) -> None:
        """Add one batch to the tally."""
        output: Output = self.model(batch)
        self._tally.add(batch, output)

    def on_validation_epoch_end(self) -> None:
        """Close the epoch: its metrics, whether it is the best so far, and whether training should go on."""
        self._tally.merge(self.trainer.world_size)
        measured = self._tally.metrics()
        score = float(measured[self.score_name])
        rate = self.trainer.optimizers[0].param_groups[0]["lr"]
        self.epoch_metrics = {"train_loss": self._loss_sum / max(1, self._samples), "lr": rate} | measured
        self._loss_sum, self._samples = 0.0, 0
        self.improved = self.best_score is None or score > self.best_score
        if self.improved:
            self.best_score = score
        still = self.stillness.update(score)
        schedule, patience = self.recipe.schedule, self.recipe.training.patience
        if isinstance(schedule, Plateau) and still and still % schedule.patience == 0:
            self.drops += 1
        if patience is not None and still >= patience:
            self.trainer.should_stop = True

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Add what the model is and where training stands, as plain values."""
        checkpoint["visreason"] = {
            "recipe": to_settings(self.recipe),
            "family": family_of(self.model),
            "config": config_to_dict(self.model.config),
            "meta": self.meta,
            "state": {
                "stillness": self.stillness.to_dict(),
                "drops": self.drops,
                "best_score": self.best_score,
                "loss_sums": [self._loss_sum],
                "samples": [self._samples],
                "task": self.task_state(),
            },
        }

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Take up training where a checkpoint stands."""
        state = checkpoint["visreason"]["state"]
        self.stillness = Stillness.from_dict(state["stillness"])
        self.drops = state["drops"]
        self.best_score = state["best_score"]
        self.load_task_state(state.get("task", {}))
        self._loss_sum, self._samples = sum(state["loss_sums"]), sum(state["samples"])

    def task_state(self) -> dict[str, Any]:
        """What the task itself carries from step to step, as plain values."""
        return {}

    def load_task_state(self, state: Mapping[str, Any]) -> None:
        """Take up what `task_state` gave."""
