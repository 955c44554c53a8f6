"""The module memory end to end: a soft training step of the batch against its programs executed one by one.

Both have the same network, true programs of our own questions and the same soft distributions over their symbols. The
literal form runs every program alone and multiplies each step's distribution with the whole memory, as the reference
does. Both take turns on one thread and count in CPU seconds, the least of each.

Shape legend: B questions, V symbols there are, D channels, h x w cells, A answers.
"""

from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from visreason.benchmarks.clock import fastest_in_turns
from visreason.benchmarks.engine_step import make_batch
from visreason.benchmarks.row import Row
from visreason.data.vocabulary import CLEVR_VOCABULARY
from visreason.models.module_memory import ModuleMemoryConfig
from visreason.models.module_memory_end_to_end import ModuleMemoryEndToEnd, ModuleMemoryEndToEndConfig
from visreason.models.program_generator import ProgramGeneratorConfig, program_targets
from visreason.nn.batch import Batch
from visreason.nn.decoding import Decoded
from visreason.nn.functions import NULL
from visreason.nn.image_encoder import ImageEncoderConfig
from visreason.nn.module_memory import Layout, one_input_module, two_input_module


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What is measured.

    Attributes:
        name: of the row.
        shape: of the features.
        dim: D.
        questions: B.
        layout: of the memory.
    """

    name: str
    shape: tuple[int, int, int]
    dim: int
    questions: int
    layout: Layout = "per-arity"


CASES = (
    Case(name="end-to-end.small", shape=(64, 8, 8), dim=32, questions=32),
    Case(name="end-to-end.small-overlapping", shape=(64, 8, 8), dim=32, questions=32, layout="overlapping"),
    Case(name="end-to-end.published", shape=(1024, 14, 14), dim=256, questions=4, layout="overlapping"),
)


def run(rounds: int = 3, cases: tuple[Case, ...] = CASES) -> list[Row]:
    """Measure every case.

    Args:
        rounds: steps of each form; the fastest counts.
        cases: what to measure.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return [_measure(case, rounds) for case in cases]
    finally:
        torch.set_num_threads(threads)


def _measure(case: Case, rounds: int) -> Row:
    """One case as a row."""
    model, batch = build(case), featured(case)
    forms = [partial(step, model, batch, literal=literal) for literal in (True, False)]
    seconds = fastest_in_turns(forms, rounds)
    found = [form() for form in forms]
    same = all(bool((ours - plain).norm() <= 1e-5 * plain.norm()) for plain, ours in zip(*found, strict=True))
    return Row(name=case.name, ratio=seconds[0] / seconds[1], equal=same, value=seconds[1], unit="CPU s")


def build(case: Case) -> ModuleMemoryEndToEnd:
    """A network with fixed weights."""
    torch.manual_seed(0)
    language: dict[str, Any] = {"functions": CLEVR_VOCABULARY.functions, "arities": CLEVR_VOCABULARY.arities}
    see = ImageEncoderConfig(kind="features", shape=case.shape)
    answers = len(CLEVR_VOCABULARY.answers)
    return ModuleMemoryEndToEnd(
        ModuleMemoryEndToEndConfig(
            generator=ProgramGeneratorConfig(vocabulary_size=len(CLEVR_VOCABULARY.words), **language),
            memory=ModuleMemoryConfig(
                image=see, answer_count=answers, dim=case.dim, layout=case.layout, **language
            ),
        )
    )


def featured(case: Case) -> Batch:
    """True programs, and random features and answers."""
    batch = make_batch(case.questions)
    batch.features = torch.rand(case.questions, *case.shape, generator=torch.Generator().manual_seed(1))
    return batch


def step(model: ModuleMemoryEndToEnd, batch: Batch, *, literal: bool) -> tuple[Tensor, Tensor]:
    """Forward, cross entropy and backward; the scores and the whole gradient."""
    assert batch.answers is not None
    model.zero_grad()
    decoded = written(model, batch)
    if literal:
        logits_BA = one_by_one(model, batch, decoded)
    else:
        logits_BA = model.execute(batch, decoded, None, trace=False).logits
    functional.cross_entropy(logits_BA, batch.answers).backward()  # type: ignore[no-untyped-call]
    slopes = [one.grad.flatten() for one in model.parameters() if one.grad is not None]
    return logits_BA.detach(), torch.cat(slopes)


def written(model: ModuleMemoryEndToEnd, batch: Batch) -> Decoded:
    """The batch's programs as if the generator had written them, fairly sure of each symbol."""
    assert batch.programs is not None
    symbols_BL = program_targets(batch.programs)
    scores_BLV = model.generator.score(batch.tokens, batch.lengths, batch.programs)
    logits_BLV = scores_BLV + 4 * functional.one_hot(symbols_BL, scores_BLV.shape[2])
    return Decoded(symbols_BL, symbols_BL != NULL, model.generator.rules.arities_V, logits_BLV, logits_BLV)


def one_by_one(model: ModuleMemoryEndToEnd, batch: Batch, decoded: Decoded) -> Tensor:
    """Scores `[B, A]` as the formula is written: program after program, step after step.

    Args:
        model: with the soft decoder.
        batch: the questions.
        decoded: their programs.
    """
    engine = model.engine
    stem_BDHW = engine.stem(batch.spread(engine.image(batch)))
    leaf_V = torch.zeros(engine.functions.symbols).to(decoded.logits)
    leaf_V[engine.grammar.leaf] = 1
    roots = []
    for row, tree in enumerate(engine.grammar.trees(decoded.programs)):
        maps: list[Tensor] = []
        for inputs, place in zip(tree.inputs, tree.places, strict=True):
            address_V = (
                leaf_V if place is None else decoded.distributions[row, int(decoded.columns[row, place])]
            )
            weights_R = engine.memory.mix(address_V[None], len(inputs))[0]
            if len(inputs) == 2:
                maps.append(two_input_module(maps[inputs[0]], maps[inputs[1]], weights_R))
            else:
                maps.append(one_input_module(maps[inputs[0]] if inputs else stem_BDHW[row, None], weights_R))
        roots.append(maps[-1])
    logits_BA: Tensor = engine.classifier(torch.cat(roots))
    return logits_BA
