"""Answering, locating, or both by soft programs: what the answers, the boxes and the layouts teach.

```
questions:    CE(answer)                                    + plan
expressions:  w_place CE(cell) + w_corner MSE(corners)      + plan
plan:         w_layout CE(modules) + w_sharpen(step) undecidedness + w_reconstruct CE(words) + w_referent BCE(cells)
```

A batch of questions and expressions is one step on the sum of both lines, each a mean over its own half. From Hu et
al. (ECCV 2018), which takes turns instead.
"""

import torch
from torch import Tensor

from visreason.data.vocabulary import Vocabulary
from visreason.errors import DataError
from visreason.models.stack_nmn import StackNmn
from visreason.nn.batch import Batch
from visreason.nn.boxes import encode_boxes
from visreason.nn.layout_losses import layout_loss, location_loss, sharpening_loss
from visreason.nn.reconstruction import reconstruction_loss
from visreason.tasks.halves import Half, halves
from visreason.tasks.modules.answering import answer_losses, of_referents
from visreason.tasks.modules.module import StepLoss, TaskModule
from visreason.tasks.recipes.layout_tasks import LayoutLearning, LocatingTask
from visreason.tasks.stack_tally import StackTally


class StackAnswering(TaskModule):
    """A Stack Neural Module Network that learns to answer."""

    score_name = "accuracy"

    @property
    def task(self) -> LayoutLearning:
        """What the recipe says of the task."""
        task = self.recipe.task
        assert isinstance(task, LayoutLearning)
        return task

    @property
    def network(self) -> StackNmn:
        """The network."""
        assert isinstance(self.model, StackNmn)
        return self.model

    def loss(self, batch: Batch) -> StepLoss:
        """The sum of what questions and expressions teach; answers and boxes alone are on record."""
        asked, located = halves(batch, self.model(batch))
        taught, planned = [], []
        if asked is not None:
            taught.append(answer_losses(asked.output, asked.batch).mean())
            planned.append(self.of_layouts(asked))
        if located is not None:
            taught.append(self.of_boxes(located))
            planned.append(self.of_layouts(located))
        told = torch.stack(taught).sum()
        figures = {name: sum(one[name] for _, one in planned) / len(planned) for name in planned[0][1]}
        return StepLoss(told + torch.stack([one for one, _ in planned]).sum(), told, figures)

    def of_boxes(self, half: Half) -> Tensor:
        """What the true boxes teach."""
        task, head = self.task, self.network.location
        assert isinstance(task, LocatingTask)
        assert head is not None
        assert half.batch.boxes is not None
        assert half.output.places is not None
        assert half.output.corners is not None
        height, width = head.config.frame
        cells_B, offsets_B4 = encode_boxes(half.batch.boxes, (height, width), head.grid)
        place, corner = location_loss(
            half.output.places.float(), half.output.corners.float(), cells_B, offsets_B4
        )
        return task.place_weight * place + task.corner_weight * corner

    def of_layouts(self, half: Half) -> tuple[Tensor, dict[str, float]]:
        """What true layouts, the wish for decisions, telling the text again and the objects of every step teach, and
        the figures without their weights."""
        task, logits_BTM = self.task, half.output.modules
        assert logits_BTM is not None
        logits_BTM = logits_BTM.float()
        undecided = sharpening_loss(logits_BTM, task.sharpen_kind)
        total = task.sharpening_at(self.global_step) * undecided
        figures = {"undecided": float(undecided.detach())}
        if task.layout_weight > 0:
            if half.batch.layouts is None:
                raise DataError("the training texts have no programs, which task.layout_weight asks for.")
            planned = layout_loss(logits_BTM, half.batch.layouts)
            total = total + task.layout_weight * planned
            figures["layout_loss"] = float(planned.detach())
        if task.reconstruct_weight > 0:
            assert half.output.words is not None
            again = reconstruction_loss(half.output.words.float(), half.batch.tokens, half.batch.lengths)
            total = total + task.reconstruct_weight * again
            figures["reconstruction_loss"] = float(again.detach())
        if task.referent_weight > 0:
            meant = of_referents(half.output, half.batch)
            total = total + task.referent_weight * meant
            figures["referent_loss"] = float(meant.detach())
        return total, figures

    def new_tally(self) -> StackTally:
        """An empty tally of answers, boxes and layouts, as far as the network has them."""
        network = self.network
        head = network.location
        return StackTally(
            Vocabulary.from_dict(self.meta["vocabulary"]),
            answers=network.answer is not None,
            grid=(network.image.height, network.image.width),
            frame=None if head is None else (head.config.frame[0], head.config.frame[1]),
        )


class Locating(StackAnswering):
    """A Stack Neural Module Network that learns to locate."""

    score_name = "iou50"


class Joint(StackAnswering):
    """A Stack Neural Module Network that learns to answer and to locate."""

    score_name = "joint_score"
