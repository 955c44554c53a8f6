"""A Relation Network's training step against the plain formula: time, added memory, equality.

Both networks are the same but for the pair layer: `pairwise_relations` in ours, `pairwise_relations_plain`,
which builds every pair, in the other. A step is forward, cross entropy, backward, clipping and Adam. Steps of
both alternate on one thread and count in CPU seconds, the least of each, so that a busy machine does not tilt
the ratio; memory is the growth of the peak over one step, each in a process of its own.
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
    ("rn-step.float32", "pixels", "float32", "float32"),
    ("rn-step.bfloat16", "pixels", "float32", "bfloat16"),
    ("rn-step.bfloat16-to-bfloat16", "pixels", "bfloat16", "bfloat16"),
    ("rn-step.state-float32", "state", "float32", "float32"),
)
"""Name, network, type of the plain formula, type of ours."""

TOLERANCE = {"float32": 2e-5, "bfloat16": 5e-2}


class PlainRelations(PairwiseRelations):
    """The pair layer as the formula is written, all pairs at once."""

    def forward(self, objects_BNC: Tensor, question_BQ: Tensor, mask_BN: Tensor | None = None) -> Tensor:
        """The sum over all pairs, `[B, G]`."""
        return pairwise_relations_plain(
            objects_BNC, question_BQ, *self.parameters_of(len(self.layers)), self.injection_layer, mask_BN
        )


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


def _measure(name: str, network: str, plain_type: str, our_type: str, rounds: int) -> Row:
    """One case as a row."""
    plain, ours = build(network, plain=True), build(network, plain=False)
    batch = make_batch(network)
    seconds = fastest([(plain, plain_type), (ours, our_type)], batch, rounds)
    added = [_added_memory_elsewhere(network, *each) for each in ((True, plain_type), (False, our_type))]
    return Row(
        name=name,
        ratio=seconds[0] / seconds[1],
        memory_ratio=added[1] / added[0],
        equal=equal(network, our_type),
        value=seconds[1],
        unit="CPU s/step",
    )


def build(network: str, *, plain: bool) -> RelationNetwork:
    """A published network with fixed weights, with our pair layer or the plain one."""
    torch.manual_seed(0)
    settings, _ = SIZES[network]
    model = RelationNetwork(RelationNetworkConfig(vocabulary_size=82, answer_count=28, **settings))
    if plain:
        model.relations.__class__ = PlainRelations
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


def fastest(models: Sequence[tuple[RelationNetwork, str]], batch: Batch, rounds: int) -> list[float]:
    """CPU seconds of each model's fastest step, the models taking turns."""
    optimizers = [torch.optim.Adam(model.parameters(), 5e-4) for model, _ in models]
    best = [float("inf")] * len(models)
    for _ in range(rounds):
        for index, (model, dtype) in enumerate(models):
            start = time.process_time()
            train_step(model, optimizers[index], batch, dtype)
            best[index] = min(best[index], time.process_time() - start)
    return best


def equal(network: str, dtype: str, questions: int = 4) -> bool:
    """Whether scores and every parameter's gradient agree with the plain formula's in float32."""
    batch, found = make_batch(network, questions), []
    for plain, kind in ((True, "float32"), (False, dtype)):
        model = build(network, plain=plain).eval()
        with torch.autocast("cpu", torch.bfloat16, enabled=kind == "bfloat16"):
            logits_BA = model(batch).logits
        functional.cross_entropy(logits_BA.float(), batch.answers).backward()  # type: ignore[no-untyped-call, arg-type]
        found.append([logits_BA.float(), *(one.grad for one in model.parameters() if one.grad is not None)])
    return all(
        bool((ours - plain).norm() <= TOLERANCE[dtype] * plain.norm())
        for plain, ours in zip(*found, strict=True)
    )


def added_memory(network: str, plain: bool, dtype: str) -> float:
    """MiB by which the process's peak grows over one step; meant for a fresh process.

    A step of two questions goes first, so that what PyTorch loads once is not counted.
    """
    model, batch = build(network, plain=plain), make_batch(network)
    optimizer = torch.optim.Adam(model.parameters(), 5e-4)
    train_step(model, optimizer, make_batch(network, questions=2), dtype)
    before = peak_memory()
    train_step(model, optimizer, batch, dtype)
    return peak_memory() - before


def _added_memory_elsewhere(network: str, plain: bool, dtype: str) -> float:
    """`added_memory` in a process of its own."""
    command = [sys.executable, "-m", __name__, network, dtype, *(["--plain"] if plain else [])]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return float(json.loads(done.stdout))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Print the MiB that one training step adds.")
    parser.add_argument("network", choices=SIZES)
    parser.add_argument("dtype", choices=TOLERANCE)
    parser.add_argument("--plain", action="store_true")
    given = parser.parse_args()
    torch.set_num_threads(1)
    print(json.dumps(added_memory(given.network, given.plain, given.dtype)))
