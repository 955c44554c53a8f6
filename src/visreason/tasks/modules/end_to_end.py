"""Answering by programs whose steps say what the modules are mixed of: the answer itself teaches the generator.

| `decoder` | programs in training | the generator learns from |
|---|---|---|
| soft | the likeliest | the answers, through the mixtures of modules |
| gumbel | sampled | the answers, through relaxed samples |
| hard | sampled | rewards |
| hard+penalty | sampled | rewards, and the true answers' log-probability as a second one |

In all of them the memory learns from the answers, and the generator besides from the programs that are shown.

Shape legend: B questions.
"""

from typing import Literal

from torch import Tensor

from visreason.errors import DataError
from visreason.models.program_generator import program_loss
from visreason.nn.batch import Batch
from visreason.tasks.modules.answering import answer_losses
from visreason.tasks.modules.module import StepLoss
from visreason.tasks.modules.reasoning import Reasoning
from visreason.tasks.recipes.task_kinds import EndToEndTask


class EndToEnd(Reasoning):
    """A generator and a memory being trained together, or either of them."""

    @property
    def task(self) -> EndToEndTask:
        """What the recipe says of the task."""
        task = self.recipe.task
        assert isinstance(task, EndToEndTask)
        return task

    def loss(self, batch: Batch) -> StepLoss:
        """What the answers teach, and what the shown programs teach; in the warm-up these alone."""
        task = self.task
        shown = self.shown_loss(batch)
        if self.global_step < task.warm_up:
            if shown is None:
                raise DataError("a batch of the warm-up shows no program. Raise task.shown_per_batch.")
            return StepLoss(shown)
        taught = self.answers_loss(batch)
        if shown is None:
            return taught
        recorded = taught.total if taught.on_record is None else taught.on_record
        figures = {**taught.figures, "program_loss": float(shown.detach())}
        return StepLoss(taught.total + task.program_weight * shown, recorded, figures)

    def answers_loss(self, batch: Batch) -> StepLoss:
        """What the answers teach: both parts through the modules, or the generator by rewards."""
        (model,) = self.reasoner
        task = self.task
        longest = self.longest()
        learns = task.train != "engine"
        tries = learns and task.decoder != "soft"
        temperature = task.temperature_at(self.global_step, self.steps)
        how: Literal["sample", "argmax"] = "sample" if tries else "argmax"
        reasoned = model.reason(batch, how, temperature=temperature, longest=longest)
        if learns and task.decoder in ("hard", "hard+penalty"):
            return self.rewarded(reasoned, batch, longest)
        return StepLoss(answer_losses(reasoned.output, batch).mean())

    def longest(self) -> int:
        """Symbols that programs may have at this step: the curriculum's, up to the model's own."""
        allowed, most = self.task.longest_at(self.global_step), self.reasoner[0].generator.config.longest
        return most if allowed is None else min(allowed, most)

    def shown_loss(self, batch: Batch) -> Tensor | None:
        """Cross entropy of the programs that are shown; None where the batch shows none."""
        if batch.programs is None or self.task.programs == 0:
            return None
        assert batch.question_index is not None
        shown_B = batch.programs.any(dim=1) & (batch.question_index < self.data.shown)
        if not bool(shown_B.any()):
            return None
        (model,) = self.reasoner
        programs = batch.programs[shown_B]
        return program_loss(
            model.generator.score(batch.tokens[shown_B], batch.lengths[shown_B], programs), programs
        )
