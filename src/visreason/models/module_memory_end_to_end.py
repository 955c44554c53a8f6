"""The module memory, end to end: what the generator says of each step is how the memory is read.

The model PG_endtoend of VisualReasoning_MMnet (https://github.com/rs9000/VisualReasoning_MMnet, 2018), 134,509,784
parameters with its GRU generator, on 1024x14x14 features with CLEVR's 40 functions and 32 answers. Its memory is read
with the whole distribution of a step, so the answer's gradient reaches the generator through the weights of the
modules. How long a program is, how many inputs each step has and who reads whom follow from the symbols that were
written; no gradient reaches those choices but REINFORCE's.

| | decoder | layout | initial | generator |
|---|---|---|---|---|
| VisualReasoning_MMnet, 6a7b621 (its published curve) | soft | overlapping | published | lstm |
| VisualReasoning_MMnet, HEAD | soft, gumbel (they crash there), hard | overlapping | published | gru |
| here, by default | soft | per-arity | fan-in | lstm |

The reference executes programs with one register, drops what is missing, and begins with a `scene` of its own; here
they are trees in which `scene` stands in for what is missing. On programs that close a tree both are the same.

Shape legend: B questions, P symbols of the longest program, V symbols there are, N nodes of all programs.
"""

from dataclasses import dataclass, replace
from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional

from visreason.models.config import require
from visreason.models.engine_trace import name_of
from visreason.models.module_memory import ModuleMemory, ModuleMemoryConfig
from visreason.models.output import Output
from visreason.models.program_generator import ProgramGenerator, ProgramGeneratorConfig
from visreason.models.reasoner import Reasoner
from visreason.nn.batch import Batch
from visreason.nn.decoding import Decoded
from visreason.nn.mixed_execution import Place, execute_mixed, plan_by_height
from visreason.nn.program_tree import Tree
from visreason.trace.schema import numbers

TOLD = 5
"""How many rows of a mixture a trace names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleMemoryEndToEndConfig:
    """A generator, a memory, and how one reads the other.

    Attributes:
        generator: what writes programs.
        memory: what executes them.
        decoder: how a step of a program becomes a module. `"soft"`: the mixture of rows under the step's
            distribution; `"gumbel"`: the row that was written, with the gradient of the mixture under a relaxed sample
            (straight-through Gumbel-softmax, Jang et al., 2017); `"hard"`: the row that was written, as in IEP.
        temperature: divides the scores: of the mixture (`"soft"`), of the relaxed sample (`"gumbel"`), or of the
            distribution that is sampled (`"hard"`). Near 0 a mixture is a single row.
    """

    generator: ProgramGeneratorConfig
    memory: ModuleMemoryConfig
    decoder: Literal["soft", "gumbel", "hard"] = "soft"
    temperature: float = 1.0


class ModuleMemoryEndToEnd(Reasoner):
    """Scores of answers by a program whose every step says which modules it is a mixture of.

    ```
    p_t = softmax(scores_t / temperature);   weights of step t = sum_k p_t,k M[k]
    ```

    In training, `reason(batch, how="sample")` draws programs: the Gumbel decoder needs it, REINFORCE needs it, and
    the soft decoder may use it to try other trees.

    Raises:
        ModelError: a generator and a memory of different languages, or a configuration that fits no network.

    Example:
        >>> from visreason.nn.image_encoder import ImageEncoderConfig
        >>> language = {"functions": ("scene", "exist", "union"), "arities": (0, 1, 2)}
        >>> writes = ProgramGeneratorConfig(vocabulary_size=82, **language, hidden=8, grammar=True)
        >>> see = ImageEncoderConfig(kind="features", shape=(6, 4, 4))
        >>> executes = ModuleMemoryConfig(image=see, answer_count=2, dim=4, **language)
        >>> model = ModuleMemoryEndToEnd(ModuleMemoryEndToEndConfig(generator=writes, memory=executes))
        >>> question = {"tokens": torch.tensor([[5, 7]]), "lengths": torch.tensor([2])}
        >>> model(Batch(**question, features=torch.rand(1, 6, 4, 4))).logits[0, 0].backward()
        >>> bool(model.generator.scores.weight.grad.any())
        True
    """

    engine: ModuleMemory

    def __init__(self, config: ModuleMemoryEndToEndConfig) -> None:
        require(config.temperature > 0, f"temperature is {config.temperature}; give one above 0.")
        super().__init__(
            ProgramGenerator(config.generator), ModuleMemory(config.memory), "module-memory-end-to-end"
        )
        self.config = config

    def sampling_temperature(self, temperature: float | None) -> float:
        """What divides the scores that programs are written from: with the Gumbel decoder nothing."""
        return 1.0 if self.config.decoder == "gumbel" else self._temperature(temperature)

    def execute(self, batch: Batch, decoded: Decoded, temperature: float | None, *, trace: bool) -> Output:
        """Scores of answers by programs that were written, and the memory's trace."""
        decoder = self.config.decoder
        if decoder == "hard" or (decoder == "gumbel" and not torch.is_grad_enabled()):
            return self.engine.run(batch, decoded.programs, trace=trace)
        if decoder == "soft":
            return self._mix(batch, decoded, decoded.distributions, trace)
        relaxed_BPV = (decoded.perturbed / self._temperature(temperature)).softmax(dim=2)
        written_BPV = functional.one_hot(decoded.symbols, relaxed_BPV.shape[2]).to(relaxed_BPV)
        return self._mix(batch, decoded, relaxed_BPV + (written_BPV - relaxed_BPV).detach(), trace)

    def _temperature(self, temperature: float | None) -> float:
        return self.config.temperature if temperature is None else temperature

    def _mix(self, batch: Batch, decoded: Decoded, weights_BPV: Tensor, trace: bool) -> Output:
        """Execute programs with each step's own mixture of rows."""
        trees = self.engine.grammar.trees(decoded.programs)
        cells_IDHW, rows = self.engine.look(batch)
        planned = plan_by_height(trees, rows, len(cells_IDHW))
        places = [place for call in planned.places for place in call]
        addresses_NV = self._addresses(decoded, trees, places, weights_BPV)
        results = execute_mixed(planned, cells_IDHW, self.engine.memory, addresses_NV, self.engine.told)
        output = self.engine.conclude(results, planned.schedule, trees, trace=trace)
        if output.trace is not None:
            read = dict(zip(places, addresses_NV, strict=True))
            output.trace = [
                replace(
                    told,
                    steps=tuple(
                        replace(step, addressing=self._addressing(read[row, node], len(step.reads or ())))
                        for node, step in enumerate(told.steps)
                    ),
                )
                for row, told in enumerate(output.trace)
            ]
        return output

    def _addresses(
        self, decoded: Decoded, trees: list[Tree], places: list[Place], weights_BPV: Tensor
    ) -> Tensor:
        """The weights of each node's symbol, `[N, V]`; what stands in for a missing input is read alone."""
        leaf_1V = functional.one_hot(torch.tensor([self.engine.grammar.leaf]), weights_BPV.shape[2])
        choices = torch.cat([weights_BPV.flatten(0, 1), leaf_1V.to(weights_BPV)])
        columns, steps = decoded.columns.tolist(), weights_BPV.shape[1]
        chosen = []
        for row, node in places:
            place = trees[row].places[node]
            chosen.append(len(choices) - 1 if place is None else row * steps + columns[row][place])
        return choices[torch.tensor(chosen, device=choices.device)]

    def _addressing(self, address_V: Tensor, arity: int) -> tuple[tuple[str, float], ...]:
        """The rows with the largest shares in a mixture, `TOLD` at most."""
        shares, symbols = self.engine.memory.shares(address_V, arity), self.engine.memory.symbols_of(arity)
        most = shares.topk(min(TOLD, len(symbols)))
        return tuple(
            (name_of(self.engine.functions, symbols[row]), share)
            for row, share in zip(most.indices.tolist(), numbers(most.values.tolist()), strict=True)
        )
