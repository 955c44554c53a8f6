"""Programs for 64 questions, all written side by side, against one question after the other.

One after the other they are written by the book: every word and symbol is embedded, joined with the question and read
by the networks' own layers; side by side, what multiplies them is a table (`visreason.nn.table_reader`). The generator
is of the published size, its weights random, so that every program has the longest length; without the gradient. Both
take turns on one thread and count in CPU seconds, the least of each; on a GPU it is seconds until the device is done.
"""

import torch
from torch import Tensor

from visreason.benchmarks.clock import fastest_in_turns
from visreason.benchmarks.row import Row
from visreason.data.vocabulary import CLEVR_VOCABULARY
from visreason.models.program_generator import Encoded, ProgramGenerator, ProgramGeneratorConfig
from visreason.nn.functions import END
from visreason.nn.table_reader import State
from visreason.nn.text import TextEncoder

CASES = {
    "program-decoding.lstm": ("lstm", "argmax", False),
    "program-decoding.gru-sampled": ("gru", "sample", False),
    "program-decoding.lstm-grammar": ("lstm", "argmax", True),
}
"""Name, cell, how symbols are chosen, and whether the grammar is kept."""


class PlainTextEncoder(TextEncoder):
    """The question's encoder by the book; it reads questions of one length, forwards."""

    def states(self, tokens_BT: Tensor, lengths_B: Tensor) -> tuple[Tensor, Tensor]:
        """The state after every word, `[B, T, Q]`, and how many there are."""
        return self.lstm(self.embedding(tokens_BT))[0], lengths_B


class PlainProgramGenerator(ProgramGenerator):
    """The generator by the book."""

    def __init__(self, config: ProgramGeneratorConfig) -> None:
        super().__init__(config)
        self.text.__class__ = PlainTextEncoder

    def read(self, encoded: Encoded, before_BL: Tensor, state: State | None) -> tuple[Tensor, None, State]:
        """Scores `[B, L, V]` of the next symbols, and the state."""
        question_BLH = encoded.state[:, None].expand(-1, before_BL.shape[1], -1)
        hidden_BLH, state = self.decoder(torch.cat([question_BLH, self.symbols(before_BL)], dim=2), state)
        return self.scores(hidden_BLH), None, state


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
    model, plain = (build(cell, hidden, plain=plain).to(device) for plain in (False, True))
    tokens_BT, lengths_B = (each.to(device) for each in make_questions(questions))

    def write(model: ProgramGenerator, tokens: Tensor, lengths: Tensor) -> Tensor:
        return model.decode(tokens, lengths, how, grammar=grammar).symbols  # type: ignore[arg-type]

    def one_by_one() -> list[Tensor]:
        rows = zip(tokens_BT, lengths_B, strict=True)
        return [write(plain, row[None, :length], length[None]) for row, length in rows]

    def side_by_side() -> Tensor:
        return write(model, tokens_BT, lengths_B)

    with torch.inference_mode():
        seconds = fastest_in_turns([one_by_one, side_by_side], rounds, device)
        same = how == "sample" or all(
            torch.equal(alone[0], together[: alone.shape[1]])
            for alone, together in zip(one_by_one(), side_by_side(), strict=True)
        )
    return Row(
        name=name if device == "cpu" else f"{name}-gpu",
        ratio=seconds[0] / seconds[1],
        equal=None if how == "sample" else same,
        value=seconds[1],
        unit="CPU s" if device == "cpu" else "s",
    )


def build(cell: str, hidden: int, *, plain: bool = False) -> ProgramGenerator:
    """A generator of CLEVR's programs with fixed weights, which never ends a program by itself.

    Args:
        cell: of its recurrent networks.
        hidden: their size.
        plain: by the book.
    """
    torch.manual_seed(0)
    config = ProgramGeneratorConfig(
        vocabulary_size=len(CLEVR_VOCABULARY.words),
        functions=CLEVR_VOCABULARY.functions,
        arities=CLEVR_VOCABULARY.arities,
        cell=cell,  # type: ignore[arg-type]
        hidden=hidden,
    )
    model = (PlainProgramGenerator if plain else ProgramGenerator)(config)
    with torch.no_grad():
        model.scores.bias[END] = -50.0
    return model.eval()


def make_questions(count: int) -> tuple[Tensor, Tensor]:
    """Random questions of 10 to 40 words."""
    numbers = torch.Generator().manual_seed(0)
    lengths_B = torch.randint(10, 41, (count,), generator=numbers)
    tokens_BT = torch.randint(1, len(CLEVR_VOCABULARY.words) + 1, (count, 40), generator=numbers)
    return tokens_BT.masked_fill(torch.arange(40) >= lengths_B[:, None], 0), lengths_B
