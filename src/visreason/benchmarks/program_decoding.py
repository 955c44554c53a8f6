"""Programs for 64 questions, all written side by side, against one question after the other.

The generator is of the published size, its weights random, so that every program has the longest length; without the
gradient. Both take turns on one thread and count in CPU seconds, the least of each; on a GPU it is seconds until the
device is done.
"""

import torch
from torch import Tensor

from visreason.benchmarks.clock import fastest_in_turns
from visreason.benchmarks.row import Row
from visreason.data.vocabulary import CLEVR_VOCABULARY
from visreason.models.program_generator import ProgramGenerator, ProgramGeneratorConfig
from visreason.nn.functions import END

CASES = {
    "program-decoding.lstm": ("lstm", "argmax", False),
    "program-decoding.gru-sampled": ("gru", "sample", False),
    "program-decoding.lstm-grammar": ("lstm", "argmax", True),
}
"""Name, cell, how symbols are chosen, and whether the grammar is kept."""


def run(rounds: int = 3, questions: int = 64, hidden: int = 256) -> list[Row]:
    """Measure every case; on a GPU too where there is one.

    Args:
        rounds: of each; the fastest counts.
        questions: to write programs for.
        hidden: of the generator.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        rows = [_measure(name, "cpu", rounds, questions, hidden) for name in CASES]
        if torch.cuda.is_available():
            rows += [_measure(name, "cuda", rounds, questions, hidden) for name in CASES]
        return rows
    finally:
        torch.set_num_threads(threads)


def _measure(name: str, device: str, rounds: int, questions: int, hidden: int) -> Row:
    """One case as a row."""
    cell, how, grammar = CASES[name]
    model = build(cell, hidden).to(device)
    tokens_BT, lengths_B = (each.to(device) for each in make_questions(questions))

    def write(tokens: Tensor, lengths: Tensor) -> Tensor:
        return model.decode(tokens, lengths, how, grammar=grammar).symbols  # type: ignore[arg-type]

    def one_by_one() -> list[Tensor]:
        return [
            write(row[None, :length], length[None]) for row, length in zip(tokens_BT, lengths_B, strict=True)
        ]

    with torch.inference_mode():
        seconds = fastest_in_turns([one_by_one, lambda: write(tokens_BT, lengths_B)], rounds, device)
        same = how == "sample" or all(
            torch.equal(alone[0], together[: alone.shape[1]])
            for alone, together in zip(one_by_one(), write(tokens_BT, lengths_B), strict=True)
        )
    return Row(
        name=name if device == "cpu" else f"{name}-gpu",
        ratio=seconds[0] / seconds[1],
        equal=None if how == "sample" else same,
        value=seconds[1],
        unit="CPU s" if device == "cpu" else "s",
    )


def build(cell: str, hidden: int) -> ProgramGenerator:
    """A generator of CLEVR's programs with fixed weights, which never ends a program by itself."""
    torch.manual_seed(0)
    config = ProgramGeneratorConfig(
        vocabulary_size=len(CLEVR_VOCABULARY.words),
        functions=CLEVR_VOCABULARY.functions,
        arities=CLEVR_VOCABULARY.arities,
        cell=cell,  # type: ignore[arg-type]
        hidden=hidden,
    )
    model = ProgramGenerator(config)
    with torch.no_grad():
        model.scores.bias[END] = -50.0
    return model.eval()


def make_questions(count: int) -> tuple[Tensor, Tensor]:
    """Random questions of 10 to 40 words."""
    numbers = torch.Generator().manual_seed(0)
    lengths_B = torch.randint(10, 41, (count,), generator=numbers)
    tokens_BT = torch.randint(1, len(CLEVR_VOCABULARY.words) + 1, (count, 40), generator=numbers)
    return tokens_BT.masked_fill(torch.arange(40) >= lengths_B[:, None], 0), lengths_B
