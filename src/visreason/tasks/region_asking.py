"""The regions of a user's own image: what a model takes each for, and which neighbour or edge it owes that to.

Shape suffixes: R regions, P predictions of each, K classes.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from visreason.data.images import Pixels
from visreason.data.regions.boxes import Boxes
from visreason.data.regions.dataset import resized_sample
from visreason.errors import ModelError, UsageError
from visreason.models import ModelFile, RegionOutput, RegionReasoner
from visreason.models.region_influence import Influence, classes_of, weigh
from visreason.nn.region_batch import RegionBatch
from visreason.tasks.region_batches import batches_of_model
from visreason.trace.regions import NamedRegion, Owed, RegionsTrace, Said
from visreason.trace.schema import table

_SMALLEST = 0.05
"""A shift of the log-odds below this is no reason; it would be told as 0.0."""


def name_regions(
    model: ModelFile, image: Pixels, boxes: Boxes, *, given: Sequence[str | None] = (), top: int = 5
) -> RegionsTrace:
    """Name the regions of one image, all in the context of all.

    Args:
        model: of a family that reasons over regions, with the names of its classes.
        image: RGB, of any size.
        boxes: `[R, 4]`, (x1, y1, x2, y2) in pixels of it, the last column and row inside.
        given: what each is said to be, to be told beside what the model says.
        top: how many classes are told of each.

    Raises:
        ModelError: the model names no regions, or its file lacks the classes' names.
        UsageError: `top` is less than 1.
    """
    if top < 1:
        raise UsageError(f"--top must be at least 1; got {top}.")
    network, classes = _network(model)
    inputs = model.meta["inputs"]
    labels = np.zeros(len(boxes), np.int64)
    sample = resized_sample(image, boxes, labels, 0, inputs["short"], inputs["long"])
    with torch.no_grad():
        batch = batches_of_model(inputs)([sample]).to("cpu")
        seen = network.see(batch)
        output = network.reason(batch, seen, trace=True)
        influence = weigh(network, batch, seen, output)
    regions = []
    for row, (x1, y1, x2, y2) in enumerate(boxes.astype(float).tolist()):
        box = (x1, y1, x2 - x1 + 1, y2 - y1 + 1)
        regions.append(
            NamedRegion(
                number=row + 1,
                box=tuple(round(side, 2) for side in box),
                top=_top(output.logits[row], classes, top),
                said=_said(output, row, classes),
                neighbour=_neighbour(influence, row, batch, classes),
                edge=_edge(influence, row, network, classes, model.meta.get("relations", ())),
                given=given[row] if given else None,
            )
        )
    trace = output.trace
    memory = () if trace is None or trace.memory is None else tuple(table(one[0]) for one in trace.memory)
    cell = network.trunk.stride * image.shape[0] / sample.pixels.shape[0]
    return RegionsTrace(family=model.family, regions=tuple(regions), memory=memory, cell=round(cell, 6))


def _network(model: ModelFile) -> tuple[RegionReasoner, list[str]]:
    """The network, and the names of its classes."""
    if not isinstance(model.model, RegionReasoner):
        raise ModelError(
            f"a {model.family} names no regions. Train a model that does: `visreason train region-full-quick`."
        )
    classes = model.meta.get("classes")
    count = model.model.config.class_count
    if not isinstance(classes, list) or len(classes) != count or "short" not in model.meta.get("inputs", {}):
        raise ModelError(
            f"the model file does not name its {count} classes, or does not say how large it sees images. Save it with "
            '"classes" and "inputs": {"kind": "regions", "short": …, "long": …} in its meta.'
        )
    return model.model, classes


def _top(logits_K: Tensor, classes: Sequence[str], count: int) -> tuple[tuple[str, float], ...]:
    """The likeliest classes but the background, best first."""
    probability_K = logits_K.float().softmax(dim=0)
    best = logits_K[1:].topk(min(count, len(classes) - 1)).indices + 1
    return tuple((classes[place], _rounded(probability_K[place])) for place in best.tolist())


def _said(output: RegionOutput, row: int, classes: Sequence[str]) -> tuple[Said, ...]:
    """Every prediction of one region."""
    logits_PK = output.predictions[:, row]
    label_P, probability_PK = classes_of(logits_PK), logits_PK.softmax(dim=1)
    return tuple(
        Said(
            name=name,
            label=classes[int(label_P[place])],
            probability=_rounded(probability_PK[place, label_P[place]]),
            attention=_rounded(output.attention[row, place]),
        )
        for place, name in enumerate(output.names)
    )


def _neighbour(influence: Influence, row: int, batch: RegionBatch, classes: Sequence[str]) -> Owed | None:
    """The neighbour whose absence moves a region's label most."""
    shift_R = influence.neighbours[row]
    most = int(shift_R.abs().argmax())
    if abs(float(shift_R[most])) < _SMALLEST:
        return None
    return Owed(
        shift=_rounded(shift_R[most]),
        without=classes[int(influence.without[row, most])],
        number=most + 1,
        where=lies(batch.boxes[row].tolist(), batch.boxes[most].tolist()),
    )


def lies(box: Sequence[float], other: Sequence[float]) -> str | None:
    """Where another box lies, by the two centres: in one of eight directions; None where the centres are the same.

    Example:
        >>> lies((10, 10, 20, 20), (40, 12, 50, 22)), lies((10, 10, 20, 20), (0, 0, 8, 8))
        ('right', 'above left')
    """
    across, down = ((other[side] + other[side + 2] - box[side] - box[side + 2]) / 2 for side in (0, 1))
    words = []
    if abs(down) > abs(across) / 2:
        words.append("above" if down < 0 else "below")
    if abs(across) > abs(down) / 2:
        words.append("left" if across < 0 else "right")
    return " ".join(words) or None


def _edge(
    influence: Influence, row: int, network: RegionReasoner, classes: Sequence[str], relations: Sequence[Any]
) -> Owed | None:
    """The edge between classes whose absence moves a region's label most."""
    if not len(influence.edges) or network.graph is None:
        return None
    shift_C = influence.edge_shifts[row]
    most = int(shift_C.abs().argmax())
    if abs(float(shift_C[most])) < _SMALLEST:
        return None
    relation, start, end = network.graph.edges_M3[influence.edges[most]].tolist()
    name = str(relations[relation]) if relation < len(relations) else f"relation {relation + 1}"
    return Owed(
        shift=_rounded(shift_C[most]),
        without=classes[int(influence.without_edge[row, most])],
        edge=(classes[start], name, classes[end]),
    )


def _rounded(value: Tensor) -> float:
    """Six decimals of one number."""
    return round(float(value), 6)
