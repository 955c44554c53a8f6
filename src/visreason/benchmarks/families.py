"""A training step and an inference step of every model family, against the same samples one after the other.

Each family is built about as large as in its quick recipe, with random weights. A training step is forward, cross
entropy (of networks that say something else than an answer, a sum over what they say), backward and Adam; an inference
step the forward pass alone. Literally, a batch is its samples one by one and their gradients added up, so in evaluation
mode, where samples do not meet in a batch normalisation, both give the same scores and gradients: that is what `equal`
holds them to. Both take turns on one thread and count in CPU seconds; memory is the peak of what a step's tensors take.
A batch holds its samples at once, which costs it up to B times as much; less says that something is shared or
computed again. Where a family's layers have a literal form of their own, another benchmark measures these (`rn-step`,
`module-network`, `module-memory`, `end-to-end`, `program-decoding`, `word-attention`, `snmn-step`, `region-memory`).

Shape legend: B samples, R regions.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from visreason.benchmarks.clock import fastest_in_turns
from visreason.benchmarks.engine_step import make_batch as make_programs
from visreason.benchmarks.memory import tensor_memory
from visreason.benchmarks.row import Row
from visreason.data.vocabulary import CLEVR_VOCABULARY
from visreason.models import MODELS, build_model
from visreason.nn.batch import Batch
from visreason.nn.region_batch import RegionBatch

WORDS = 18
CLASSES = 20
REGIONS = 10
"""Regions of an image."""
TOLERANCE = {"scores": 1e-4, "gradient": 1e-3}
"""How far, as a share, batch and single samples may lie apart."""

_SIDES = (96, 144)
_IMAGE = {"kind": "pixels", "shape": [3, *_SIDES], "channels": [16, 32, 32, 32]}
_ASKED = {"vocabulary_size": len(CLEVR_VOCABULARY.words), "answer_count": len(CLEVR_VOCABULARY.answers)}
_LANGUAGE = {"functions": CLEVR_VOCABULARY.functions, "arities": CLEVR_VOCABULARY.arities}
_ENGINE = {**_LANGUAGE, "answer_count": _ASKED["answer_count"], "image": _IMAGE, "dim": 32, "stem_layers": 1}
_ENGINE |= {"classifier_projection": 64, "classifier_widths": [128]}
_WRITER = {
    **_LANGUAGE,
    "vocabulary_size": _ASKED["vocabulary_size"],
    "word_size": 64,
    "hidden": 128,
    "longest": 26,
}
_REGIONS = {"class_count": CLASSES, "trunk": {"channels": [16, 32, 64], "head": [64], "crop": 5}}
_MEMORY = {"memory": {"size": 64, "hidden": 64}}
_GRAPH = {"graph": {"size": 64, "layers": 2, "relation_count": 1, "edge_count": CLASSES, "vector_size": 16}}

SETTINGS: dict[str, dict[str, Any]] = {
    "relation-network": {**_ASKED, "conv_channels": [24, 24, 24, 24], "g_widths": [64, 64], "f_widths": [64]},
    "question-only": {**_ASKED, "word_size": 32, "lstm_hidden": 128},
    "cnn-lstm": {**_ASKED, "image": _IMAGE, "projection": 32},
    "stacked-attention": {**_ASKED, "image": _IMAGE, "dim": 64, "attention_hidden": 64, "f_widths": [128]},
    "module-network": _ENGINE,
    "module-memory": _ENGINE,
    "program-generator": _WRITER,
    "iep": {"generator": _WRITER, "modules": _ENGINE},
    "module-memory-end-to-end": {"generator": _WRITER, "memory": _ENGINE},
    "stack-nmn": {**_ASKED, "image": _IMAGE, "dim": 64, "lstm_hidden": 64, "steps": 5},
    "attribute-cnn": {"conv_channels": [16, 32, 32, 32], "hidden": 64},
    "attribute-detector": {"image": _IMAGE, "dim": 64},
    "relation-counter": {"image": _IMAGE, "dim": 64},
    "region-baseline": _REGIONS,
    "region-local": {**_REGIONS, **_MEMORY},
    "region-global": {**_REGIONS, **_GRAPH},
    "region-full": {**_REGIONS, **_MEMORY, **_GRAPH},
}
"""Of every family, what it is built with."""

AnyBatch = Any
"""A `Batch`, or a `RegionBatch` for networks that name regions."""


def run(rounds: int = 2, samples: int = 16, families: list[str] | None = None) -> list[Row]:
    """Measure both steps of every family.

    Args:
        rounds: steps of each; the fastest counts.
        samples: questions or images of a step.
        families: which; all without it.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return [row for family in families or MODELS for row in _measure(family, samples, rounds)]
    finally:
        torch.set_num_threads(threads)


def _measure(family: str, samples: int, rounds: int) -> list[Row]:
    """Both rows of a family."""
    steps = Steps(family, samples)
    found = [(steps.infer(single), steps.gradient(single)) for single in (True, False)]
    same = [
        bool((one - other).norm() <= tolerance * one.norm())
        for one, other, tolerance in zip(*found, TOLERANCE.values(), strict=True)
    ]
    works: dict[str, Callable[[bool], object]] = {"inference": steps.infer, "training": steps.train}
    rows = []
    for (name, work), equal in zip(works.items(), same, strict=True):
        forms = [partial(work, single) for single in (True, False)]
        apart, together = fastest_in_turns(forms, rounds)
        held = [tensor_memory(form) for form in forms]
        rows.append(
            Row(
                name=f"families.{family}.{name}",
                ratio=apart / together,
                memory_ratio=held[1] / held[0],
                equal=equal,
                value=samples / together,
                unit="samples/s",
            )
        )
    return rows


class Steps:
    """A family's network, in evaluation mode, and what is done with it.

    Args:
        family: its name in `MODELS`.
        samples: B.
    """

    def __init__(self, family: str, samples: int) -> None:
        torch.manual_seed(0)
        self.model: nn.Module = build_model(family, SETTINGS[family]).eval()
        whole = make_regions(samples) if family.startswith("region-") else make_batch(samples)
        self.batches = {False: [whole], True: [whole.select(torch.tensor([row])) for row in range(samples)]}
        self.optimizer = torch.optim.Adam(self.model.parameters(), 1e-4)

    @torch.inference_mode()
    def infer(self, single: bool) -> Tensor:
        """What every sample costs, `[B]` or `[R]`."""
        return torch.cat([costs(self.model(batch), batch) for batch in self.batches[single]])

    def gradient(self, single: bool) -> Tensor:
        """The whole gradient of the sum of costs, which is left in the parameters."""
        self.optimizer.zero_grad()
        for batch in self.batches[single]:
            costs(self.model(batch), batch).sum().backward()  # type: ignore[no-untyped-call]
        return torch.cat([one.grad.flatten() for one in self.model.parameters() if one.grad is not None])

    def train(self, single: bool) -> None:
        """One step of training."""
        self.gradient(single)
        self.optimizer.step()


def costs(output: Any, batch: AnyBatch) -> Tensor:
    """A cost of every sample `[B]` or region `[R]`: of answers, classes and first symbols the cross entropy."""
    logits: Tensor = output.logits
    if isinstance(batch, RegionBatch):
        assert batch.labels is not None
        return functional.cross_entropy(logits, batch.labels, reduction="none")
    if logits.dim() == 3:
        assert batch.programs is not None
        return functional.cross_entropy(logits[:, 0], batch.programs[:, 0], reduction="none")
    if logits.shape[1] == _ASKED["answer_count"]:
        assert batch.answers is not None
        return functional.cross_entropy(logits, batch.answers, reduction="none")
    return functional.softplus(logits).sum(1)


def make_batch(samples: int) -> Batch:
    """Questions with programs of our own engine, random words of them, and random images."""
    asked, numbers = make_programs(samples), torch.Generator().manual_seed(1)
    return Batch(
        tokens=torch.randint(1, _ASKED["vocabulary_size"] + 1, (samples, WORDS), generator=numbers),
        lengths=torch.full((samples,), WORDS),
        images=torch.rand(samples, 3, *_SIDES, generator=numbers),
        programs=asked.programs,
        answers=asked.answers,
    )


def make_regions(samples: int) -> RegionBatch:
    """Random images of 128x128 pixels, each with as many random regions."""
    numbers = torch.Generator().manual_seed(1)
    regions = samples * REGIONS
    corners = 128 * torch.rand(2, regions, 2, generator=numbers).sort(0).values
    return RegionBatch(
        sizes=torch.full((samples, 2), 128),
        boxes=torch.cat([corners[0], corners[1]], dim=1),
        image_rows=torch.arange(samples).repeat_interleave(REGIONS),
        images=torch.rand(samples, 3, 128, 128, generator=numbers),
        labels=torch.randint(1, CLASSES, (regions,), generator=numbers),
    )
