"""Answering questions: cross entropy over the answers, and accuracy with invalid answers counted."""

from torch import Tensor
from torch.nn import functional

from visreason.errors import DataError
from visreason.models import Output
from visreason.models.relation_network import RelationNetwork
from visreason.nn.batch import Batch
from visreason.nn.referents import all_objects, referent_loss
from visreason.tasks.modules.module import StepLoss, TaskModule
from visreason.tasks.recipes.task_kinds import AnsweringTask
from visreason.tasks.tallies import AnswerTally


class Answering(TaskModule):
    """A question-answering model being trained."""

    score_name = "accuracy"

    def loss(self, batch: Batch) -> StepLoss:
        """Cross entropy of the answers, and what the steps' objects teach; the answers alone are on record."""
        output: Output = self.model(batch)
        told = answer_losses(output, batch).mean()
        task = self.recipe.task
        assert isinstance(task, AnsweringTask)
        if task.referent_weight == 0:
            return StepLoss(told)
        meant = of_referents(output, batch, all_of_them=isinstance(self.model, RelationNetwork))
        return StepLoss(told + task.referent_weight * meant, told, {"referent_loss": float(meant.detach())})

    def new_tally(self) -> AnswerTally:
        """An empty tally of answers."""
        return AnswerTally(self.meta["vocabulary"]["answers"])


def answer_losses(output: Output, batch: Batch) -> Tensor:
    """Cross entropy of every answer, `[B]`, which is the references' negative log likelihood of a log-softmax.

    Raises:
        DataError: the questions have no answers.
    """
    if batch.answers is None:
        raise DataError(
            "the training questions have no answers (a test split has none); choose another split."
        )
    return functional.cross_entropy(output.logits.float(), batch.answers, reduction="none")


def of_referents(output: Output, batch: Batch, *, all_of_them: bool = False) -> Tensor:
    """What the objects that the programs' steps stand for teach.

    Args:
        output: of a network that tells.
        batch: says which objects.
        all_of_them: the network has one step, which stands for all objects of the scene.

    Raises:
        DataError: the questions tell no programs.
    """
    if batch.referents is None or batch.places is None:
        raise DataError("the training questions have no programs, which task.referent_weight asks for.")
    assert output.referents is not None
    sets_BP = all_objects(batch.places)[:, None] if all_of_them else batch.referents
    return referent_loss(output.referents, sets_BP, batch.places)
