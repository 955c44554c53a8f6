"""The data of one training, as Lightning asks for it."""

from lightning.pytorch import LightningDataModule

from visreason.tasks.loader import EpochLoader, Loader, TaskData, batches, count_steps, in_order
from visreason.tasks.recipes.recipe import Recipe
from visreason.tasks.recipes.task_kinds import EndToEndTask


class TaskDataModule(LightningDataModule):
    """Loaders over `TaskData`: shuffled by seed and epoch for training, in file order for validation.

    Args:
        data: what is loaded.
        recipe: says how many samples a batch, from which seed, with how many worker processes.
    """

    def __init__(self, data: TaskData, recipe: Recipe) -> None:
        super().__init__()
        self.data = data
        self.recipe = recipe

    def train_dataloader(self) -> EpochLoader:
        """The batches of the trainer's current epoch."""
        assert self.trainer is not None
        epoch, task = self.trainer.current_epoch, self.recipe.task
        return EpochLoader(
            self.data.train(epoch),
            self.data.collate,
            batch_size=self.recipe.batch.size_at(epoch),
            seed=self.recipe.training.seed,
            epoch=epoch,
            per_image=self.recipe.batch.per_image,
            images=self.data.images,
            shown=self.data.shown,
            shown_per_batch=task.shown_per_batch if isinstance(task, EndToEndTask) else 0,
            workers=self.recipe.data.workers,
            rank=self.trainer.global_rank,
            ranks=self.trainer.world_size,
        )

    def val_dataloader(self) -> Loader:
        """All validation samples, each exactly once over all processes."""
        assert self.trainer is not None
        size = self.recipe.batch.size_at(0)
        groups = in_order(len(self.data.validation), size, self.trainer.global_rank, self.trainer.world_size)
        return batches(self.data.validation, self.data.collate, groups, self.recipe.data.workers)

    def steps(self) -> int:
        """Optimiser steps of the whole training."""
        batch = self.recipe.batch
        sizes = [batch.size_at(epoch) for epoch in range(self.recipe.training.epochs)]
        return count_steps(len(self.data.train(0)), sizes, batch.accumulate)
