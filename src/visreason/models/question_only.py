"""The question-only baseline: how far the wording alone gets.

Whatever a model scores above this one it owes to looking. Published on CLEVR: LSTM 46.8 %, most frequent
answer by question type 41.8 % (Johnson et al., "CLEVR", 2017).

Shape legend: B questions, A answers.
"""

from dataclasses import dataclass
from typing import Literal

from torch import nn

from visreason.models.config import require
from visreason.models.output import Output, likeliest
from visreason.nn.answer_head import AnswerHead
from visreason.nn.batch import Batch
from visreason.nn.text import BagEncoder, TextEncoder
from visreason.trace.schema import Trace


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionOnlyConfig:
    """The size of a question-only model.

    Attributes:
        vocabulary_size: the number of words, without padding.
        answer_count: A.
        encoder: `"lstm"` reads the words in order, `"bag"` averages their embeddings.
        word_size: of a word's embedding.
        lstm_hidden: of the LSTM's state.
        f_widths: the hidden layers between question and answer.
        dropout: before the last hidden layer's ReLU.
        reverse: the LSTM reads from the last word to the first.
        lstm_layers: how many LSTMs, each reading the states of the one before.
        batch_norm: normalise in the answer's layers.
    """

    vocabulary_size: int
    answer_count: int
    encoder: Literal["lstm", "bag"] = "lstm"
    word_size: int = 32
    lstm_hidden: int = 128
    f_widths: tuple[int, ...] = (256, 256)
    dropout: float = 0.5
    reverse: bool = True
    lstm_layers: int = 1
    batch_norm: bool = False


class QuestionOnly(nn.Module):
    """Scores of answers from the question alone.

    ```
    scores = f(LSTM(words))     or     scores = f(mean of word embeddings)
    ```

    Example:
        >>> import torch
        >>> model = QuestionOnly(QuestionOnlyConfig(vocabulary_size=82, answer_count=28))
        >>> model(Batch(tokens=torch.tensor([[5, 7]]), lengths=torch.tensor([2]))).logits.shape
        torch.Size([1, 28])
    """

    def __init__(self, config: QuestionOnlyConfig) -> None:
        super().__init__()
        require(config.answer_count > 1, f"answer_count is {config.answer_count}; give two or more.")
        self.config = config
        self.text: nn.Module
        if config.encoder == "lstm":
            self.text = TextEncoder(
                config.vocabulary_size,
                config.word_size,
                config.lstm_hidden,
                reverse=config.reverse,
                layers=config.lstm_layers,
            )
            size = config.lstm_hidden
        else:
            self.text = BagEncoder(config.vocabulary_size, config.word_size)
            size = config.word_size
        self.head = AnswerHead(
            size, config.f_widths, config.answer_count, config.dropout, batch_norm=config.batch_norm
        )

    def forward(self, batch: Batch, *, trace: bool = False) -> Output:
        """Scores `[B, A]`. It looks at nothing, so `trace` has the answers and no step."""
        logits_BA = self.head(self.text(batch.tokens, batch.lengths))
        if not trace:
            return Output(logits_BA)
        answers = likeliest(logits_BA)
        return Output(
            logits_BA, trace=[Trace(family="question-only", steps=(), answers=each) for each in answers]
        )
