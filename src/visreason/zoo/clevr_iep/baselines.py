"""The baselines of clevr-iep: LSTM, CNN+LSTM, and CNN+LSTM+SA (stacked attention)."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from torch import Tensor

from visreason.errors import ModelError
from visreason.models.cnn_lstm import CnnLstm, CnnLstmConfig
from visreason.models.question_only import QuestionOnly, QuestionOnlyConfig
from visreason.models.stacked_attention import StackedAttention, StackedAttentionConfig
from visreason.nn.image_encoder import ImageEncoderConfig
from visreason.zoo.clevr_iep.checkpoint import Checkpoint
from visreason.zoo.torch_file import fill

_POOLING = {"maxpool2": "max2", "maxpool4": "max4", "none": "none", None: "none"}


def baseline(checkpoint: Checkpoint) -> StackedAttention | CnnLstm | QuestionOnly:
    """The checkpoint's baseline, with its weights.

    Args:
        checkpoint: with a part `baseline`; which of the three it is, its tensors' names tell.

    Raises:
        ModelError: its weights do not fit its settings.
    """
    settings, tensors = checkpoint.parts["baseline"].settings, checkpoint.parts["baseline"].tensors
    normalised = bool(settings.get("fc_use_batchnorm"))
    try:
        common = {
            "vocabulary_size": tensors["rnn.embed.weight"].shape[0] - 1,
            "word_size": settings["rnn_wordvec_dim"],
            "lstm_layers": settings["rnn_num_layers"],
            "f_widths": tuple(settings["fc_dims"]),
            "dropout": float(settings["fc_dropout"]),
            "batch_norm": normalised,
            "reverse": False,
        }
        last = max(
            int(name.split(".")[1]) for name in tensors if re.fullmatch(r"classifier\.\d+\.weight", name)
        )
        common["answer_count"] = tensors[f"classifier.{last}.weight"].shape[0]
        model, renamed = _builder(tensors)(settings, tensors, common)
    except KeyError as error:
        raise ModelError(f"{checkpoint.path} is not a baseline of clevr-iep: it has no {error}.") from error
    renamed |= _text(tensors) | _head(tensors, normalised)
    fill(model, renamed, checkpoint.path, "a baseline of clevr-iep")
    return model


Built = tuple[StackedAttention | CnnLstm | QuestionOnly, dict[str, Tensor]]


def _builder(tensors: Mapping[str, Tensor]) -> Callable[..., Built]:
    """What makes the network that has tensors of these names."""
    if "image_proj.weight" in tensors:
        return _attention
    return _cnn_lstm if "cnn.0.weight" in tensors else _lstm


def _see(settings: Mapping[str, Any]) -> ImageEncoderConfig:
    return ImageEncoderConfig(kind="features", shape=tuple(settings["cnn_feat_dim"]))


def _lstm(settings: Mapping[str, Any], tensors: Mapping[str, Tensor], common: dict[str, Any]) -> Built:
    return QuestionOnly(QuestionOnlyConfig(lstm_hidden=settings["rnn_dim"], **common)), {}


def _cnn_lstm(settings: Mapping[str, Any], tensors: Mapping[str, Tensor], common: dict[str, Any]) -> Built:
    model = CnnLstm(
        CnnLstmConfig(
            image=_see(settings),
            res_blocks=settings["cnn_num_res_blocks"],
            res_dim=settings["cnn_res_block_dim"],
            projection=settings["cnn_proj_dim"],
            pooling=_POOLING[settings["cnn_pooling"]],  # type: ignore[arg-type]  # its values are such words
            lstm_hidden=settings["rnn_dim"],
            **common,
        )
    )
    renamed = {"cells" + name[3:]: one for name, one in tensors.items() if name.startswith("cnn.")}
    return model, renamed


def _attention(settings: Mapping[str, Any], tensors: Mapping[str, Tensor], common: dict[str, Any]) -> Built:
    model = StackedAttention(
        StackedAttentionConfig(
            image=_see(settings),
            hops=settings["num_stacked_attn"],
            share_hops=False,
            residual=True,
            stem_layers=0,
            dim=settings["rnn_dim"],
            attention_hidden=settings["stacked_attn_dim"],
            **common,
        )
    )
    renamed = {"stem" + name[10:]: one for name, one in tensors.items() if name.startswith("image_proj.")}
    for hop in range(settings["num_stacked_attn"]):
        renamed |= attention_weights(tensors, f"stacked-attn-{hop}.", f"hops.{hop}.")
    return model, renamed


def attention_weights(tensors: Mapping[str, Tensor], old: str, new: str) -> dict[str, Tensor]:
    """One hop's weights by our names: its 1x1 convolutions are linear layers over the cells.

    Args:
        tensors: the checkpoint's.
        old: the hop's prefix there.
        new: the hop's prefix here.
    """
    renamed = {}
    for theirs, ours in (("Wv", "value"), ("Wu", "query"), ("Wp", "weight")):
        weight = tensors[f"{old}{theirs}.weight"]
        renamed[f"{new}{ours}.weight"] = weight.flatten(1)
        renamed[f"{new}{ours}.bias"] = tensors[f"{old}{theirs}.bias"]
    return renamed


def _text(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The question encoder's weights by our names."""
    names = {"rnn.embed.": "text.embedding.", "rnn.rnn.": "text.lstm."}
    return {
        ours + name.removeprefix(theirs): one
        for theirs, ours in names.items()
        for name, one in tensors.items()
        if name.startswith(theirs)
    }


def _head(tensors: Mapping[str, Tensor], batch_norm: bool) -> dict[str, Tensor]:
    """The classifier's weights by our names: linear layers in order, and normalisations in order."""
    places = sorted({int(name.split(".")[1]) for name in tensors if name.startswith("classifier.")})
    norms = [place for place in places if f"classifier.{place}.running_mean" in tensors]
    linear = [place for place in places if place not in norms]
    ours = {place: f"norms.{index}" for index, place in enumerate(norms)} if batch_norm else {}
    ours |= {place: f"hidden.{index}" for index, place in enumerate(linear[:-1])} | {linear[-1]: "scores"}
    return {
        f"head.{ours[place]}.{name.split('.')[2]}": one
        for place in ours
        for name, one in tensors.items()
        if name.startswith(f"classifier.{place}.")
    }
