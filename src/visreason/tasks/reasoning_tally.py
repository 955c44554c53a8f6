"""Answers and the programs behind them, of one pass over questions."""

from typing import Any

from visreason.data.vocabulary import Vocabulary
from visreason.models import Output
from visreason.nn.batch import Batch
from visreason.tasks.program_tally import ProgramTally, Scenes
from visreason.tasks.tallies import AnswerTally


class ReasoningTally(AnswerTally):
    """Answers, each with the program that gave it.

    Args:
        vocabulary: names answers and functions.
        scenes: for the oracle; None where there are none.
    """

    def __init__(self, vocabulary: Vocabulary, scenes: Scenes | None = None) -> None:
        super().__init__(vocabulary.answers)
        self.programs = ProgramTally(vocabulary, scenes)

    def add(self, batch: Batch, output: Output) -> None:
        """Take what the model answers, and the programs it wrote."""
        super().add(batch, output)
        self.programs.add(batch, output)

    def merge(self, ranks: int) -> None:
        """Bring together what `ranks` processes have collected."""
        super().merge(ranks)
        self.programs.merge(ranks)

    def metrics(self) -> dict[str, Any]:
        """The figures of the answers, and those of the programs."""
        return super().metrics() | self.programs.metrics()
