"""What a pass over questions and expressions collects of a Stack Neural Module Network.

Shape legend: B samples, T steps, M modules.
"""

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from visreason.clevr.layouts import MODULES
from visreason.data.vocabulary import Vocabulary
from visreason.metrics.layouts import LayoutScores, score_layouts
from visreason.metrics.locations import score_locations
from visreason.models import Output
from visreason.models.locating import chosen_corners
from visreason.nn.batch import Batch
from visreason.nn.boxes import decode_boxes, encode_boxes, overlap
from visreason.tasks.gather import gather_lists
from visreason.tasks.halves import halves
from visreason.tasks.tallies import AnswerTally


class LayoutTally:
    """Planned and true layouts of one pass, in the order of the samples.

    Args:
        ends_in_answer: whether they are questions' layouts, or expressions'.
    """

    def __init__(self, *, ends_in_answer: bool) -> None:
        self.ends_in_answer = ends_in_answer
        self.planned: list[list[int]] = []
        self.true: list[list[int] | None] = []
        self.images: list[int] = []

    def add(self, batch: Batch, output: Output) -> None:
        """Take what the model plans for a batch."""
        assert output.modules is not None
        assert batch.image_index is not None
        self.planned += output.modules.argmax(dim=2).tolist()
        self.true += [None] * len(batch) if batch.layouts is None else batch.layouts.tolist()
        self.images += batch.image_index.tolist()

    def merge(self, ranks: int) -> None:
        """Bring together what `ranks` processes have collected."""
        self.planned, self.true, self.images = gather_lists(ranks, self.planned, self.true, self.images)

    def scores(self) -> LayoutScores:
        """How right they are."""
        return score_layouts(self.planned, self.true, self.images, ends_in_answer=self.ends_in_answer)

    def words(self) -> list[str]:
        """Each planned layout in words, without the steps that do nothing."""
        return [" ".join(MODULES[number] for number in layout if number) for layout in self.planned]


class LocationTally:
    """Boxes of one pass, predicted and true, and how they overlap.

    Args:
        grid: cells of the network, h and w.
        frame: height and width of the images that the true boxes are given in.
    """

    def __init__(self, grid: tuple[int, int], frame: tuple[int, int]) -> None:
        self.grid, self.frame = grid, frame
        self.predicted: list[list[float]] = []
        self.true: list[list[float]] = []
        self.overlaps: list[float] = []
        self.probabilities: list[float] = []
        self.expressions: list[int] = []
        self.images: list[int] = []
        self.losses: list[float] = []

    def add(self, batch: Batch, output: Output) -> None:
        """Take what the model says of a batch."""
        assert batch.boxes is not None
        assert batch.question_index is not None
        assert batch.image_index is not None
        assert output.places is not None
        assert output.corners is not None
        places_BP, corners_BP4 = output.places.float(), output.corners.float()
        cell_B, corners_B4 = chosen_corners(places_BP, corners_BP4)
        boxes_B4 = decode_boxes(cell_B, corners_B4, self.frame, self.grid)
        self.predicted += boxes_B4.tolist()
        self.true += batch.boxes.tolist()
        self.overlaps += overlap(boxes_B4, batch.boxes).tolist()
        self.probabilities += places_BP.softmax(dim=1).amax(dim=1).tolist()
        self.expressions += batch.question_index.tolist()
        self.images += batch.image_index.tolist()
        self.losses += _losses(
            places_BP, corners_BP4, *encode_boxes(batch.boxes, self.frame, self.grid)
        ).tolist()

    def merge(self, ranks: int) -> None:
        """Bring together what `ranks` processes have collected."""
        names = ("predicted", "true", "overlaps", "probabilities", "expressions", "images", "losses")
        for name, whole in zip(
            names, gather_lists(ranks, *(getattr(self, name) for name in names)), strict=True
        ):
            setattr(self, name, whole)


def _losses(places_BP: Tensor, corners_BP4: Tensor, cells_B: Tensor, offsets_B4: Tensor) -> Tensor:
    """The location loss of each expression, both parts weighing 1."""
    told_B4 = corners_BP4[torch.arange(len(cells_B), device=cells_B.device), cells_B]
    squared_B = (told_B4 - offsets_B4).square().mean(dim=1)
    return functional.cross_entropy(places_BP, cells_B, reduction="none") + squared_B


class StackTally:
    """All that a Stack Neural Module Network says in one pass: answers, boxes and layouts.

    Args:
        vocabulary: names answers.
        answers: whether the network answers questions.
        grid: its cells, h and w.
        frame: height and width of the images that boxes are given in; None where it locates nothing.
    """

    def __init__(
        self, vocabulary: Vocabulary, *, answers: bool, grid: tuple[int, int], frame: tuple[int, int] | None
    ) -> None:
        self.answers = AnswerTally(vocabulary.answers) if answers else None
        self.locations = None if frame is None else LocationTally(grid, frame)
        self.of_questions = LayoutTally(ends_in_answer=True)
        self.of_expressions = LayoutTally(ends_in_answer=False)

    def add(self, batch: Batch, output: Output) -> None:
        """Take what the model says of a batch."""
        asked, located = halves(batch, output)
        for half, tally, layouts in (
            (asked, self.answers, self.of_questions),
            (located, self.locations, self.of_expressions),
        ):
            if half is not None and tally is not None:
                tally.add(*half)
                layouts.add(*half)

    def merge(self, ranks: int) -> None:
        """Bring together what `ranks` processes have collected."""
        for tally in (self.answers, self.locations, self.of_questions, self.of_expressions):
            if tally is not None:
                tally.merge(ranks)

    def metrics(self) -> dict[str, Any]:
        """Loss; accuracy and its kin; located boxes and mean overlap; layouts of questions, or else of expressions.

        With both tasks `joint_score` is the mean of accuracy and located boxes.
        """
        found: dict[str, Any] = {"loss": 0.0}
        if self.answers is not None:
            answered = self.answers.metrics()
            found |= answered | _plans("layout", self.of_questions)
        if self.locations is not None:
            scores = score_locations(self.locations.overlaps, self.locations.images)
            found["loss"] += sum(self.locations.losses) / len(self.locations.losses)
            found |= {"iou50": scores.iou50.value, "mean_iou": scores.mean_iou.value}
            name = "layout" if self.answers is None else "expression_layout"
            found |= _plans(name, self.of_expressions)
        if self.answers is not None and self.locations is not None:
            found["joint_score"] = (found["accuracy"] + found["iou50"]) / 2
        return found


def _plans(name: str, tally: LayoutTally) -> dict[str, float]:
    """The figures of layouts, for the record of an epoch."""
    scores = tally.scores()
    figures = {"exact": scores.exact, "steps": scores.steps, "valid": scores.valid}
    return {f"{name}_{key}": one.value for key, one in figures.items() if one is not None}
