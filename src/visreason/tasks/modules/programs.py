"""Writing programs: a generator learns from questions whose programs are shown."""

from visreason.data.vocabulary import Vocabulary
from visreason.errors import DataError
from visreason.models import Output
from visreason.models.program_generator import program_loss
from visreason.nn.batch import Batch
from visreason.tasks.modules.module import StepLoss, TaskModule
from visreason.tasks.program_tally import GeneratorTally


class Programs(TaskModule):
    """A program generator being trained alone."""

    score_name = "programs_exact"

    def loss(self, batch: Batch) -> StepLoss:
        """Cross entropy of the true programs' symbols and ENDs, each given the true ones before it."""
        if batch.programs is None:
            raise DataError(
                "the training questions have no programs, which this task learns. Give data with programs."
            )
        output: Output = self.model(batch)
        return StepLoss(program_loss(output.logits, batch.programs))

    def new_tally(self) -> GeneratorTally:
        """An empty tally of programs."""
        return GeneratorTally(Vocabulary.from_dict(self.meta["vocabulary"]), self.data.scenes)
