"""The program generator: from a question to the program that answers it.

A sequence-to-sequence network, as in Johnson et al., "Inferring and Executing Programs for Visual Reasoning" (2017).
The encoding enters every step of the decoder beside the last symbol, and the decoder starts from zeros.

Published settings differ; each is a choice of fields:

| | cell | initial | earliest_end | longest |
|---|---|---|---|---|
| clevr-iep (its `reinforce_sample`) | lstm | torch | 1 | 30 |
| clevr-iep (its `sample`) | lstm | torch | 1 | 50 |
| VisualReasoning_MMnet, 6a7b621 | lstm | torch | 1 | 30 |
| VisualReasoning_MMnet, HEAD | gru | xavier | 3 | 30 |

Shape legend: B questions, T words, P symbols of the longest program, L symbols read, E word size, H hidden size, V
symbols there are.
"""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from visreason.models.config import require
from visreason.models.output import Output
from visreason.models.program_trace import program_steps
from visreason.nn.batch import Batch
from visreason.nn.continuations import Continuations
from visreason.nn.decoding import FORBIDDEN, Decoded, gumbel_noise
from visreason.nn.functions import END, NULL, START, Functions
from visreason.nn.precision import widened
from visreason.nn.table_reader import State, TableReader
from visreason.nn.text import RECURRENT, Cell, TextEncoder
from visreason.trace.schema import Trace


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramGeneratorConfig:
    """The size of a program generator and the language it writes.

    Attributes:
        vocabulary_size: the number of words, without padding.
        functions: names of the functions, in the order of their numbers.
        arities: how many inputs each reads.
        input_types: the type of each input of each function; empty for a language without types.
        output_types: the type that each function gives; empty with `input_types`.
        answer_types: the types in which a program may end; empty: any.
        cell: of the encoder's and the decoder's recurrent networks.
        word_size: E, of words and of symbols.
        hidden: H.
        layers: of each recurrent network.
        dropout: the share of states dropped between the layers in training.
        word_attention: every step of the decoder also looks at the question's words (Luong et al., "Effective
            Approaches to Attention-based Neural Machine Translation", 2015).
        initial: weights as PyTorch draws them, or `"xavier"`: normal after Glorot for recurrent and linear weights,
            zero biases, uniform after He for embeddings.
        grammar: decode only programs whose tree closes in time and, where there are types, type-checks.
        longest: the most symbols decoded, END included.
        earliest_end: an END written before this symbol (from 1) does not end the program and is skipped.
    """

    vocabulary_size: int
    functions: tuple[str, ...]
    arities: tuple[int, ...]
    input_types: tuple[tuple[str, ...], ...] = ()
    output_types: tuple[str, ...] = ()
    answer_types: tuple[str, ...] = ()
    cell: Cell = "lstm"
    word_size: int = 300
    hidden: int = 256
    layers: int = 2
    dropout: float = 0.0
    word_attention: bool = False
    initial: Literal["torch", "xavier"] = "torch"
    grammar: bool = False
    longest: int = 30
    earliest_end: int = 1


@dataclass(frozen=True, slots=True)
class Encoded:
    """B questions as a generator has read them.

    Attributes:
        state: `[B, H]`, after the last word.
        words: `[B, T, H]`, after every word.
        present: bool `[B, T]`, True where `words` is of a word and not of padding.
        reader: of the decoder's inputs, a question beside a symbol.
    """

    state: Tensor
    words: Tensor
    present: Tensor
    reader: TableReader


class ProgramGenerator(nn.Module):
    """Writes programs in prefix order, one symbol at a time.

    ```
    e = the encoder's state after the last word
    h_t = RNN([e; Embedding(symbol_{t-1})], h_{t-1}),   h_0 = 0,   symbol_0 = START
    scores_t = W h_t + b
    ```

    With `word_attention`, and w_i the encoder's state after word i, the scores are of `tanh(U [h_t; c_t])` where
    `c_t = sum_i softmax_i(h_t . w_i) w_i`.

    Raises:
        ModelError: a configuration that fits no generator.

    Example:
        >>> language = {"functions": ("count", "scene"), "arities": (1, 0)}
        >>> types = {"input_types": (("set",), ()), "output_types": ("number", "set"), "answer_types": ("number",)}
        >>> generator = ProgramGenerator(ProgramGeneratorConfig(vocabulary_size=82, **language, **types, hidden=8))
        >>> generator.decode(torch.tensor([[5, 7]]), torch.tensor([2]), grammar=True).programs
        tensor([[4, 5]])
    """

    def __init__(self, config: ProgramGeneratorConfig) -> None:
        super().__init__()
        require(config.longest > 0, f"longest is {config.longest}; give at least one symbol.")
        require(config.layers > 0, f"layers is {config.layers}; give at least one.")
        self.config = config
        self.functions = Functions(config.functions, config.arities)
        self.rules = Continuations(
            self.functions, config.input_types, config.output_types, config.answer_types
        )
        self.text = TextEncoder(
            config.vocabulary_size,
            config.word_size,
            config.hidden,
            reverse=False,
            layers=config.layers,
            dropout=config.dropout,
            cell=config.cell,
        )
        self.symbols = nn.Embedding(self.functions.symbols, config.word_size)
        self.decoder = RECURRENT[config.cell](
            config.word_size + config.hidden,
            config.hidden,
            config.layers,
            batch_first=True,
            dropout=config.dropout,
        )
        self.attended = nn.Linear(2 * config.hidden, config.hidden) if config.word_attention else None
        self.scores = nn.Linear(config.hidden, self.functions.symbols)
        if config.initial == "xavier":
            self.apply(_xavier)

    def forward(self, batch: Batch, *, trace: bool = False) -> Output:
        """The programs of a batch of questions.

        With `batch.programs`, `logits` `[B, P + 1, V]` are the scores of each true symbol and the END, given those
        before it (`program_loss` judges them). Without, they are those of the programs written. In training nothing
        is written where the true programs are there.

        Raises:
            ModelError: a question has no words.
        """
        if batch.programs is not None and self.training and not trace:
            return Output(self.score(batch.tokens, batch.lengths, batch.programs))
        decoded = self.decode(batch.tokens, batch.lengths)
        logits = (
            decoded.logits
            if batch.programs is None
            else self.score(batch.tokens, batch.lengths, batch.programs)
        )
        traces = (
            [
                Trace(family="program-generator", steps=steps)
                for steps in program_steps(decoded, self.functions)
            ]
            if trace
            else None
        )
        return Output(logits, programs=decoded.programs, trace=traces)

    def encode(self, tokens_BT: Tensor, lengths_B: Tensor) -> Encoded:
        """The questions, read.

        Raises:
            ModelError: a question has no words.
        """
        words_BTH, read_B = self.text.states(tokens_BT, lengths_B)
        rows_B = torch.arange(len(read_B), device=words_BTH.device)
        present_BT = torch.arange(words_BTH.shape[1], device=read_B.device) < read_B[:, None]
        state_BH = words_BTH[rows_B, read_B - 1]
        reader = TableReader(self.decoder, [state_BH, self.symbols.weight])
        return Encoded(state_BH, words_BTH, present_BT, reader)

    def score(self, tokens_BT: Tensor, lengths_B: Tensor, programs_BP: Tensor) -> Tensor:
        """Scores `[B, P + 1, V]` of every symbol of given programs and of the END, each from the true ones before.

        Args:
            tokens_BT: the questions.
            lengths_B: how many words each has.
            programs_BP: as in `Batch.programs`.

        Raises:
            ModelError: a question has no words.
        """
        before_BL = functional.pad(programs_BP, (1, 0), value=START)
        return self.read(self.encode(tokens_BT, lengths_B), before_BL, None)[0]

    def read(
        self, encoded: Encoded, before_BL: Tensor, state: State | None
    ) -> tuple[Tensor, Tensor | None, State]:
        """One pass of the decoder over symbols that are known.

        Args:
            encoded: the questions.
            before_BL: Long, the symbol before each that is asked for; the first is START where `state` is None.
            state: of the recurrent network, as an earlier pass left it.

        Returns:
            Scores `[B, L, V]` of the next symbols, attention `[B, L, T]` over the words or None, and the state.
        """
        question_BL = torch.arange(len(before_BL), device=before_BL.device)[:, None].expand_as(before_BL)
        hidden_BLH, state = encoded.reader.read([question_BL, before_BL], state)
        attention_BLT = None
        if self.attended is not None:
            match_BLT = hidden_BLH @ encoded.words.transpose(1, 2)
            match_BLT = match_BLT.masked_fill(~encoded.present[:, None], float("-inf"))
            attention_BLT = match_BLT.softmax(dim=2)
            both_BLH = torch.cat([hidden_BLH, attention_BLT @ encoded.words], dim=2)
            hidden_BLH = torch.tanh(self.attended(both_BLH))
        return self.scores(hidden_BLH), attention_BLT, state

    def decode(
        self,
        tokens_BT: Tensor,
        lengths_B: Tensor,
        how: Literal["argmax", "sample"] = "argmax",
        *,
        temperature: float = 1.0,
        grammar: bool | None = None,
        longest: int | None = None,
        generator: torch.Generator | None = None,
    ) -> Decoded:
        """Programs for all questions side by side, each symbol chosen given those before it.

        Args:
            tokens_BT: the questions.
            lengths_B: how many words each has.
            how: the likeliest symbol, or one drawn from the distribution.
            temperature: divides the scores; above 1 for more variety.
            grammar: permit only what closes a tree in time and type-checks; a program then ends when its tree
                closes, without END. None: as configured.
            longest: the most symbols, END included. None: as configured.
            generator: of random numbers, on the model's device; None: PyTorch's own.

        Raises:
            ModelError: a question has no words, or the grammar knows no program so short.
        """
        config = self.config
        limit = config.longest if longest is None else longest
        encoded = self.encode(tokens_BT, lengths_B)
        rules = self.rules if (config.grammar if grammar is None else grammar) else None
        stack = self.rules.start(len(tokens_BT), limit) if rules is not None else None
        symbol_B = tokens_BT.new_full((len(tokens_BT),), START)
        running_B = torch.ones_like(symbol_B, dtype=torch.bool)
        state: State | None = None
        written = []
        for step in range(limit):
            logits_B1V, attention_B1T, state = self.read(encoded, symbol_B[:, None], state)
            scores_BV = logits_B1V[:, 0]
            logits_BV = widened(scores_BV) / temperature
            if stack is not None:
                logits_BV = logits_BV.masked_fill(~self.rules.permitted(stack, limit - step), FORBIDDEN)
            perturbed_BV = logits_BV + gumbel_noise(logits_BV, generator) if how == "sample" else logits_BV
            symbol_B = perturbed_BV.argmax(dim=1).masked_fill(~running_B, NULL)
            written.append((symbol_B, running_B, logits_BV, perturbed_BV, attention_B1T))
            if stack is not None:
                stack = self.rules.write(stack, symbol_B)
                running_B = running_B & (stack.depths > 0)
            elif step + 1 >= config.earliest_end:
                running_B = running_B & (symbol_B != END)
            if not bool(running_B.any()):
                break
        symbols, steps, logits, perturbed, attention = zip(*written, strict=True)
        return Decoded(
            symbols=torch.stack(symbols, dim=1),
            steps=torch.stack(steps, dim=1),
            arities=self.rules.arities_V,
            logits=torch.stack(logits, dim=1),
            perturbed=torch.stack(perturbed, dim=1),
            attention=None if self.attended is None else torch.cat(attention, dim=1),
        )


def program_targets(programs_BP: Tensor) -> Tensor:
    """What a generator should say: each program, then END, `[B, P + 1]`; nothing where the program is not told.

    Example:
        >>> program_targets(torch.tensor([[5, 4, 0], [5, 6, 4], [0, 0, 0]]))
        tensor([[5, 4, 2, 0],
                [5, 6, 4, 2],
                [0, 0, 0, 0]])
    """
    lengths_B1 = (programs_BP != NULL).sum(dim=1, keepdim=True)
    ends_B1 = torch.where(lengths_B1 > 0, END, NULL)
    return functional.pad(programs_BP, (0, 1)).scatter(1, lengths_B1, ends_B1)


def program_loss(logits_BLV: Tensor, programs_BP: Tensor) -> Tensor:
    """Cross entropy of true programs, the mean over all their symbols and ENDs; 0 where no program is told.

    Args:
        logits_BLV: from `ProgramGenerator.score`.
        programs_BP: as in `Batch.programs`; rows of nothing but 0 do not count.
    """
    targets_BL = program_targets(programs_BP)
    total = functional.cross_entropy(
        logits_BLV.flatten(0, 1).float(), targets_BL.flatten(), ignore_index=NULL, reduction="sum"
    )
    return total / (targets_BL != NULL).sum().clamp_min(1)


def _xavier(part: nn.Module) -> None:
    """Weights as VisualReasoning_MMnet draws them."""
    if isinstance(part, nn.Embedding):
        nn.init.kaiming_uniform_(part.weight)
    elif isinstance(part, nn.Linear | nn.RNNBase):
        for name, parameter in part.named_parameters():
            if "bias" in name:
                nn.init.zeros_(parameter)
            else:
                nn.init.xavier_normal_(parameter)
