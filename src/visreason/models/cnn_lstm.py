"""The CNN+LSTM baseline: everything the image shows and the question's last state, side by side.

Published on CLEVR: 52.3 % (Johnson et al., "CLEVR", 2017), which shows how little looking helps without a way to
look for something.

Shape legend: B questions, I images, h x w cells, Q question size, A answers.
"""

from dataclasses import dataclass

import torch
from torch import nn

from visreason.models.config import require
from visreason.models.output import Output, likeliest
from visreason.nn.answer_head import AnswerHead
from visreason.nn.batch import Batch
from visreason.nn.grid_layers import Pooling, pooling_layer
from visreason.nn.image_encoder import ImageEncoder, ImageEncoderConfig
from visreason.nn.residual import ResidualBlock
from visreason.nn.text import TextEncoder
from visreason.trace.schema import Trace


@dataclass(frozen=True, slots=True, kw_only=True)
class CnnLstmConfig:
    """The size of a CNN+LSTM network; the defaults are those of Johnson et al. (2017).

    Attributes:
        vocabulary_size: the number of words, without padding.
        answer_count: A.
        image: how the network sees.
        res_blocks: residual blocks over the image, after a 3x3 convolution to `res_dim` channels; 0 has neither.
        res_dim: their width.
        projection: channels after the 1x1 convolution that follows.
        pooling: of its cells.
        word_size: of a word's embedding.
        lstm_hidden: Q.
        lstm_layers: of the question's encoder.
        reverse: read questions from the last word to the first.
        f_widths: the hidden layers from image and question to the answer.
        dropout: before the last hidden layer's ReLU.
        batch_norm: normalise in residual blocks and in the answer's layers.
    """

    vocabulary_size: int
    answer_count: int
    image: ImageEncoderConfig
    res_blocks: int = 0
    res_dim: int = 128
    projection: int = 512
    pooling: Pooling = "max2"
    word_size: int = 300
    lstm_hidden: int = 256
    lstm_layers: int = 2
    reverse: bool = False
    f_widths: tuple[int, ...] = (1024,)
    dropout: float = 0.0
    batch_norm: bool = False


class CnnLstm(nn.Module):
    """Scores of answers from all cells and the question at once.

    ```
    scores = f([LSTM(words) | flatten(pool(ReLU(Conv1x1(cells))))])
    ```

    Raises:
        ModelError: a configuration that fits no network.

    Example:
        >>> see = ImageEncoderConfig(kind="pixels", shape=(3, 32, 32), channels=(8, 8))
        >>> model = CnnLstm(CnnLstmConfig(vocabulary_size=82, answer_count=28, image=see, projection=4))
        >>> question = {"tokens": torch.tensor([[5, 7]]), "lengths": torch.tensor([2])}
        >>> model(Batch(**question, images=torch.rand(1, 3, 32, 32))).logits.shape
        torch.Size([1, 28])
    """

    def __init__(self, config: CnnLstmConfig) -> None:
        super().__init__()
        require(config.answer_count > 1, f"answer_count is {config.answer_count}; give two or more.")
        self.config = config
        self.image = ImageEncoder(config.image)
        channels = self.image.channels
        pool, (height, width) = pooling_layer(config.pooling, self.image.height, self.image.width)
        parts: list[nn.Module] = []
        if config.res_blocks:
            parts += [nn.Conv2d(channels, config.res_dim, kernel_size=3, padding=1), nn.ReLU(inplace=True)]
            parts += [
                ResidualBlock(config.res_dim, batch_norm=config.batch_norm) for _ in range(config.res_blocks)
            ]
            channels = config.res_dim
        parts += [nn.Conv2d(channels, config.projection, kernel_size=1), nn.ReLU(inplace=True)]
        parts += [pool] if config.pooling != "none" else []
        self.cells = nn.Sequential(*parts, nn.Flatten())
        self.text = TextEncoder(
            config.vocabulary_size,
            config.word_size,
            config.lstm_hidden,
            reverse=config.reverse,
            layers=config.lstm_layers,
        )
        seen = config.projection * height * width
        self.head = AnswerHead(
            config.lstm_hidden + seen,
            config.f_widths,
            config.answer_count,
            config.dropout,
            batch_norm=config.batch_norm,
        )

    def forward(self, batch: Batch, *, trace: bool = False) -> Output:
        """Scores `[B, A]`. It looks at everything alike, so `trace` has the answers and no step.

        Raises:
            ModelError: the batch lacks what the model sees, or a question has no words.
        """
        seen_BK = batch.spread(self.cells(self.image(batch)))
        question_BQ = self.text(batch.tokens, batch.lengths)
        logits_BA = self.head(torch.cat([question_BQ, seen_BK], dim=1))
        if not trace:
            return Output(logits_BA)
        answers = likeliest(logits_BA)
        return Output(logits_BA, trace=[Trace(family="cnn-lstm", steps=(), answers=each) for each in answers])
