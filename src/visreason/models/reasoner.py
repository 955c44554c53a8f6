"""A program generator and what executes its programs: one model from question and image to answer."""

from dataclasses import dataclass, replace
from typing import Literal

import torch
from torch import nn

from visreason.models.config import require
from visreason.models.output import Output
from visreason.models.program_engine import ProgramEngine
from visreason.models.program_generator import ProgramGenerator
from visreason.models.program_trace import program_steps
from visreason.nn.batch import Batch
from visreason.nn.decoding import Decoded


@dataclass(frozen=True, slots=True)
class Reasoned:
    """Answers and the programs behind them.

    Attributes:
        output: scores of answers, the programs, and the trace.
        decoded: how the programs were written: what policy gradients and entropies are made of.
    """

    output: Output
    decoded: Decoded


class Reasoner(nn.Module):
    """A `generator` and an `engine` of one language; the state of either can be loaded and frozen alone.

    The answer depends on which symbols are written and not on how likely they were, so that its gradient reaches the
    engine alone; what teaches the generator are rewards (`visreason.nn.reinforce`) and true programs.

    Args:
        generator: writes programs.
        engine: executes them.
        family: the name of the model family, for traces.

    Raises:
        ModelError: the two speak different languages.
    """

    def __init__(self, generator: ProgramGenerator, engine: ProgramEngine, family: str) -> None:
        super().__init__()
        require(
            generator.functions == engine.functions,
            f"the generator writes programs of {len(generator.functions.names)} functions, the engine executes "
            f"{len(engine.functions.names)} others. Give both the same functions and arities.",
        )
        self.generator = generator
        self.engine = engine
        self.family = family

    def forward(self, batch: Batch, *, trace: bool = False) -> Output:
        """Scores `[B, A]` by the likeliest programs; the programs; with `trace`, every function with its map.

        Raises:
            ModelError: the batch lacks what the model sees, or a question has no words.
        """
        return self.reason(batch, trace=trace).output

    def reason(
        self,
        batch: Batch,
        how: Literal["argmax", "sample"] = "argmax",
        *,
        temperature: float | None = None,
        grammar: bool | None = None,
        longest: int | None = None,
        generator: torch.Generator | None = None,
        trace: bool = False,
    ) -> Reasoned:
        """Write a program for every question, execute it, and tell both.

        Args:
            batch: questions and images; programs in it are not looked at.
            how: the likeliest symbols, or ones drawn from the distributions.
            temperature: of the distributions; None: the model's own.
            grammar: see `ProgramGenerator.decode`.
            longest: the most symbols of a program, for a curriculum; None: as configured.
            generator: of random numbers, on the model's device; None: PyTorch's own.
            trace: tell every step.

        Raises:
            ModelError: the batch lacks what the model sees, a question has no words, or the grammar knows no program
                so short.
        """
        decoded = self.generator.decode(
            batch.tokens,
            batch.lengths,
            how,
            temperature=self.sampling_temperature(temperature),
            grammar=grammar,
            longest=longest,
            generator=generator,
        )
        output = self.execute(batch, decoded, temperature, trace=trace)
        output.programs = decoded.programs
        if output.trace is not None:
            written = program_steps(decoded, self.generator.functions)
            output.trace = [
                replace(
                    executed,
                    family=self.family,
                    steps=tuple(
                        replace(done, weight=told.weight, text_attention=told.text_attention)
                        for done, told in zip(executed.steps, steps, strict=True)
                    ),
                )
                for executed, steps in zip(output.trace, written, strict=True)
            ]
        return Reasoned(output, decoded)

    def sampling_temperature(self, temperature: float | None) -> float:
        """What divides the scores that programs are written from."""
        return 1.0 if temperature is None else temperature

    def execute(self, batch: Batch, decoded: Decoded, temperature: float | None, *, trace: bool) -> Output:
        """Scores of answers by programs that were written, and the engine's trace."""
        return self.engine.run(batch, decoded.programs, trace=trace)
