"""The attention networks of VisualReasoning_MMnet: SAN, and SAN word by word."""

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from visreason.data.vocabulary import Vocabulary
from visreason.errors import ModelError
from visreason.models.stacked_attention import StackedAttention, StackedAttentionConfig
from visreason.nn.image_encoder import ImageEncoderConfig
from visreason.zoo.clevr_iep.baselines import attention_weights

CELLS = (14, 14)
"""Height and width of the features that these networks were made for; their weights fit any."""

READINGS: dict[str, dict[str, Any]] = {
    "SAN": {"reading": "question", "hops": 3, "share_hops": True, "residual": True},
    "SAN_wbw": {"reading": "words", "hops": 1, "residual": False, "skip_last": True},
}


def attention_network(
    tensors: Mapping[str, Tensor], words: Vocabulary, network: str
) -> tuple[StackedAttention, dict[str, Tensor]]:
    """An attention network, and the checkpoint's weights by our names; both networks have the same weights.

    Args:
        tensors: the checkpoint's.
        words: the vocabulary it was trained with.
        network: `"SAN"` or `"SAN_wbw"`.

    Raises:
        ModelError: it lacks a tensor of such a network.
    """
    try:
        embedding, stem = tensors["rnn.embed.weight"], tensors["stem.0.weight"]
        config = StackedAttentionConfig(
            vocabulary_size=len(words.words),
            answer_count=tensors["classifier.2.weight"].shape[0],
            image=ImageEncoderConfig(kind="features", shape=(stem.shape[1], *CELLS)),
            dim=stem.shape[0],
            attention_hidden=tensors["attention.Wu.weight"].shape[0],
            word_size=embedding.shape[1],
            lstm_layers=sum(name.startswith("rnn.rnn.weight_ih") for name in tensors),
            f_widths=(tensors["classifier.0.weight"].shape[0],),
            **READINGS[network],
        )
        renamed = attention_weights(tensors, "attention.", "hops.0.")
    except KeyError as error:
        raise ModelError(f"this is no {network} of VisualReasoning_MMnet: it has no {error}.") from error
    places = {
        "rnn.embed.": "text.embedding.",
        "rnn.rnn.": "text.lstm.",
        "stem.": "stem.",
        "classifier.0.": "head.hidden.0.",
        "classifier.2.": "head.scores.",
    }
    for name, tensor in tensors.items():
        theirs = next((place for place in places if name.startswith(place)), None)
        if theirs is not None:
            renamed[places[theirs] + name.removeprefix(theirs)] = tensor
    return StackedAttention(config), renamed
