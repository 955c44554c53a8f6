"""Naming the regions of images: what is learnt, and what is known beforehand of the classes."""

from dataclasses import dataclass
from typing import ClassVar

from visreason.tasks.recipes.checks import require


@dataclass(frozen=True, slots=True)
class RegionsTask:
    """Naming regions: cross entropy of the backbone's own prediction, of every iteration's, in which regions count more
    that the one before got wrong, and of the final one; the best epoch is that of the highest per-class AP.

    Attributes:
        beta: the least weight of a region that is already right, before weights are divided by their sum; 1 weighs all
            regions alike.
        memory_weight: weight of the iterations' losses.
        final_weight: weight of the final prediction's loss.
        minimum: classes with fewer training regions are left out; 1 keeps all.
        knowledge: give networks with a graph the edges between classes: those of the data's knowledge.json or, where it
            has none, of the classes' names and WordNet; false leaves them messages between regions alone.
        cooccurrence: add edges between classes that are seen together, or as a part of one another, in training, and
            those that Visual Genome's annotators state.
        wordnet: the folder of WordNet's files; null takes Debian's, if it is there.
        vectors: a text file of word vectors; null makes vectors of the classes' names and edges.
    """

    name: ClassVar[str] = "regions"
    beta: float
    memory_weight: float
    final_weight: float
    minimum: int
    knowledge: bool
    cooccurrence: bool
    wordnet: str | None
    vectors: str | None

    def __post_init__(self) -> None:
        require(0 < self.beta <= 1, "task.beta", self.beta, "in (0, 1]")
        require(self.memory_weight >= 0, "task.memory_weight", self.memory_weight, "0 or more")
        require(self.final_weight >= 0, "task.final_weight", self.final_weight, "0 or more")
        require(self.minimum > 0, "task.minimum", self.minimum, "at least 1")
        known = self.knowledge or not self.cooccurrence
        require(known, "task.cooccurrence", self.cooccurrence, "false where task.knowledge is")
