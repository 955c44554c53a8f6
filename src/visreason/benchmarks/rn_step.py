"""A Relation Network's training step against the plain formula: time, added memory, equality.

Both networks are the same but for the pair layer (`pairwise_relations` in ours, `pairwise_relations_plain`, which
builds every pair, in the other) and the CNN, whose layers the other passes one by one. A step is forward, cross
entropy, backward, clipping and Adam; `rn-step.pair-layer` is that layer's forward and backward pass alone. Both take
turns on one thread and count in CPU seconds, the least of each, so that a busy machine does not tilt the ratio; memory
is the growth of the peak over one step, each in a process of its own.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from torch.nn.utils import clip_grad_norm_

from visreason.benchmarks.memory import peak_memory
from visreason.benchmarks.row import Row
from visreason.models.relation_network import RelationNetwork, RelationNetworkConfig
from visreason.nn.batch import Batch
from visreason.nn.convolution import PixelCnn
from visreason.nn.pairwise import PairwiseRelations, pairwise_relations_plain

SIZES: dict[str, tuple[dict[str, Any], int]] = {
    "pixels": ({}, 32),
    "state": (
        {
            "input": "state",
            "object_size": 7,
            "g_widths": (512, 512, 512, 512),
            "f_widths": (512, 1024),
            "lstm_hidden": 256,
            "dropout": 0.05,
        },
        64,
    ),
}
"""The published networks: settings that differ from the default, and the questions of a step."""

CASES = (
    ("rn-step.float32", "step", "pixels", "float32", "float32"),
    ("rn-step.bfloat16", "step", "pixels", "float32", "bfloat16"),
    ("rn-step.bfloat16-to-bfloat16", "step", "pixels", "bfloat16", "bfloat16"),
    ("rn-step.state-float32", "step", "state", "float32", "float32"),
    ("rn-step.pair-layer-float32", "layer", "pixels", "float32", "float32"),
)
"""Name, what is done, with which network, type of the plain formula, type of ours."""

TOLERANCE = {"float32": (1e-5, 1e-3), "bfloat16": (2e-2, 1e-1)}
"""How far, as a share, scores and gradient may lie from the plain formula's in float32; the plain formula in
bfloat16 lies as far off as ours. A gradient changes more when rounding opens or closes a ReLU.
"""


class PlainRelations(PairwiseRelations):
    """The pair layer as the formula is written, all pairs at once."""

    def forward(self, objects_BNC: Tensor, question_BQ: Tensor, mask_BN: Tensor | None = None) -> Tensor:
        """The sum over all pairs, `[B, G]`."""
        layers, weights_NN = self.parameters_of(len(self.layers)), self.weights_of(objects_BNC.shape[1])
        return pairwise_relations_plain(
            objects_BNC, question_BQ, *layers, self.injection_layer, mask_BN, weights_NN
        )


class PlainCnn(PixelCnn):
    """The CNN as its layers are written, each with its result in memory."""

    def forward(self, images_B3HW: Tensor) -> Tensor:
        """Cells `[B, C, h, w]`."""
        cells: Tensor = self.layers(images_B3HW)
        return cells


def run(rounds: int = 5) -> list[Row]:
    """Measure every case.

    Args:
        rounds: steps of each; the fastest counts.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return [_measure(*case, rounds) for case in CASES]
    finally:
        torch.set_num_threads(threads)


def _measure(name: str, part: str, network: str, plain_type: str, our_type: str, rounds: int) -> Row:
    """One case as a row."""
    seconds = fastest([Work(part, network, plain_type, plain=True), Work(part, network, our_type)], rounds)
    added = [
        _added_memory_elsewhere(part, network, plain_type, "--plain"),
        _added_memory_elsewhere(part, network, our_type),
    ]
    return Row(
        name=name,
        ratio=seconds[0] / seconds[1],
        memory_ratio=added[1] / added[0],
        equal=equal(network, our_type),
        value=seconds[1],
        unit="CPU s",
    )


class Work:
    """Something to be measured: a network's training step, or its pair layer's two passes.

    Args:
        part: `"step"` or `"layer"`.
        network: a name in `SIZES`.
        dtype: `"float32"` or `"bfloat16"`, by autocast.
        plain: with the plain formula.
    """

    def __init__(self, part: str, network: str, dtype: str, *, plain: bool = False) -> None:
        self.part, self.network, self.dtype = part, network, dtype
        self.model = build(network, plain=plain)
        self.optimizer = torch.optim.Adam(self.model.parameters(), 5e-4)

    def __call__(self, batch: Batch) -> None:
        """Do it once."""
        if self.part == "step":
            train_step(self.model, self.optimizer, batch, self.dtype)
            return
        objects_BNC, question_BQ = torch.randn(len(batch), 64, 26), torch.randn(len(batch), 128)
        with torch.autocast("cpu", torch.bfloat16, enabled=self.dtype == "bfloat16"):
            total = self.model.relations(objects_BNC, question_BQ).sum()
        total.backward()


def build(network: str, *, plain: bool) -> RelationNetwork:
    """A published network with fixed weights, with our pair layer and CNN or the plain ones."""
    torch.manual_seed(0)
    settings, _ = SIZES[network]
    model = RelationNetwork(RelationNetworkConfig(vocabulary_size=82, answer_count=28, **settings))
    if plain:
        model.relations.__class__ = PlainRelations
        if model.cnn is not None:
            model.cnn.__class__ = PlainCnn
    return model


def make_batch(network: str, questions: int | None = None) -> Batch:
    """Random questions of CLEVR's mean length (20 words) and images, or 3 to 10 objects padded to 12."""
    count = questions or SIZES[network][1]
    numbers = torch.Generator().manual_seed(0)
    batch = Batch(
        tokens=torch.randint(1, 83, (count, 20), generator=numbers),
        lengths=torch.full((count,), 20),
        answers=torch.randint(0, 28, (count,), generator=numbers),
    )
    if network == "pixels":
        batch.images = torch.rand(count, 3, 128, 128, generator=numbers)
    else:
        present = torch.randint(3, 11, (count, 1), generator=numbers)
        batch.object_mask = torch.arange(12) < present
        batch.objects = torch.randn(count, 12, 7, generator=numbers) * batch.object_mask[..., None]
    return batch


def train_step(model: RelationNetwork, optimizer: torch.optim.Optimizer, batch: Batch, dtype: str) -> None:
    """Forward, loss, backward, clipping, Adam."""
    assert batch.answers is not None
    optimizer.zero_grad()
    with torch.autocast("cpu", torch.bfloat16, enabled=dtype == "bfloat16"):
        loss = functional.cross_entropy(model(batch).logits, batch.answers)
    loss.backward()  # type: ignore[no-untyped-call]
    clip_grad_norm_(model.parameters(), 50)
    optimizer.step()


def fastest(works: Sequence[Work], rounds: int) -> list[float]:
    """CPU seconds of each work's fastest round, all taking turns."""
    batch = make_batch(works[0].network)
    best = [float("inf")] * len(works)
    for _ in range(rounds):
        for index, work in enumerate(works):
            start = time.process_time()
            work(batch)
            best[index] = min(best[index], time.process_time() - start)
    return best


def equal(network: str, dtype: str, questions: int = 4) -> bool:
    """Whether scores and gradient agree with the plain formula's in float32, within `TOLERANCE`."""
    batch, found = make_batch(network, questions), []
    assert batch.answers is not None
    for plain, kind in ((True, "float32"), (False, dtype)):
        model = build(network, plain=plain).eval()
        with torch.autocast("cpu", torch.bfloat16, enabled=kind == "bfloat16"):
            logits_BA = model(batch).logits.float()
        functional.cross_entropy(logits_BA, batch.answers).backward()  # type: ignore[no-untyped-call]
        slopes = [one.grad.flatten() for one in model.parameters() if one.grad is not None]
        found.append((logits_BA.detach(), torch.cat(slopes)))
    return all(
        bool((ours - plain).norm() <= tolerance * plain.norm())
        for plain, ours, tolerance in zip(*found, TOLERANCE[dtype], strict=True)
    )


def added_memory(work: Work) -> float:
    """MiB by which the process's peak grows over one round of the work; meant for a fresh process.

    A round of two questions goes first, so that what PyTorch loads once is not counted.
    """
    batch = make_batch(work.network)
    work(make_batch(work.network, questions=2))
    before = peak_memory()
    work(batch)
    return peak_memory() - before


def _added_memory_elsewhere(*arguments: str) -> float:
    """`added_memory` in a process of its own."""
    done = subprocess.run([sys.executable, "-m", __name__, *arguments], check=True, capture_output=True)
    return float(json.loads(done.stdout))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Print the MiB that one round of work adds.")
    parser.add_argument("part", choices=("step", "layer"))
    parser.add_argument("network", choices=SIZES)
    parser.add_argument("dtype", choices=TOLERANCE)
    parser.add_argument("--plain", action="store_true")
    given = parser.parse_args()
    torch.set_num_threads(1)
    print(json.dumps(added_memory(Work(given.part, given.network, given.dtype, plain=given.plain))))
