"""Answering by programs that are written first and executed then: what learns from the answer, and what from rewards.

| `train` | programs | the engine learns from | the generator learns from |
|---|---|---|---|
| engine | the likeliest | the answers | - |
| generator | sampled | - | rewards |
| both | sampled | the answers | rewards |
"""

from collections.abc import Mapping
from typing import Any

from torch import Tensor, nn

from visreason.data.vocabulary import Vocabulary
from visreason.errors import ModelError
from visreason.models.reasoner import Reasoned, Reasoner
from visreason.nn.batch import Batch
from visreason.tasks.modules.answering import answer_losses
from visreason.tasks.modules.module import StepLoss, TaskModule
from visreason.tasks.modules.policy import Policy
from visreason.tasks.reasoning_tally import ReasoningTally
from visreason.tasks.recipes.task_kinds import EndToEndTask, ReasoningTask


class Reasoning(TaskModule):
    """A generator with its engine being trained, either or both."""

    score_name = "accuracy"

    def __init__(self, model: nn.Module, *args: Any) -> None:
        if not isinstance(model, Reasoner):
            raise ModelError(f"a {type(model).__name__} has no generator and engine. Choose the family iep.")
        self.reasoner = [model]  # in a list, so that its weights are registered once, as `self.model`
        super().__init__(model, *args)
        self.policy = Policy(self.task)

    @property
    def task(self) -> ReasoningTask | EndToEndTask:
        """What the recipe says of the task."""
        task = self.recipe.task
        assert isinstance(task, ReasoningTask | EndToEndTask)
        return task

    def frozen(self) -> tuple[nn.Module, ...]:
        """The part that does not learn."""
        (model,) = self.reasoner
        return {"both": (), "generator": (model.engine,), "engine": (model.generator,)}[self.task.train]

    def loss(self, batch: Batch) -> StepLoss:
        """Cross entropy of the answers for the engine, and rewards for the generator."""
        (model,) = self.reasoner
        if self.task.train == "engine":
            return StepLoss(answer_losses(model(batch), batch).mean())
        reasoned = model.reason(batch, "sample", temperature=self.task.temperature)
        return self.rewarded(reasoned, batch, model.generator.config.longest)

    def rewarded(self, reasoned: Reasoned, batch: Batch, longest: int) -> StepLoss:
        """The loss of sampled programs: the answers' cross entropy reaches the engine alone, the policy's loss the
        generator alone."""
        losses_B = answer_losses(reasoned.output, batch)
        policy, figures = self.policy.loss(reasoned, losses_B, batch, longest, self.trainer.world_size)
        total: Tensor = policy if self.task.train == "generator" else losses_B.mean() + policy
        return StepLoss(total, losses_B.mean(), figures)

    def new_tally(self) -> ReasoningTally:
        """An empty tally of answers and programs."""
        return ReasoningTally(Vocabulary.from_dict(self.meta["vocabulary"]), self.data.scenes)

    def task_state(self) -> dict[str, Any]:
        """The moving baselines."""
        return self.policy.state()

    def load_task_state(self, state: Mapping[str, Any]) -> None:
        """Take up the moving baselines."""
        self.policy.load_state(state)
