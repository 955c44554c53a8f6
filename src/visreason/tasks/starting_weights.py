"""Weights to begin with: parts of another model, copied where both speak the same language and have the same sizes."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from visreason.data.vocabulary import Vocabulary
from visreason.errors import ModelError
from visreason.models import ModelFile
from visreason.models.program_engine import ProgramEngine
from visreason.models.program_generator import ProgramGenerator
from visreason.models.reasoner import Reasoner
from visreason.models.region_reasoning import RegionReasoner
from visreason.nn.convolution import PixelCnn
from visreason.tasks.loading import load_any
from visreason.tasks.recipes.sections import ModelInit

_SHARED = {
    "generator_from": ("words", "functions", "tokeniser"),
    "engine_from": ("answers", "functions"),
    "conv_from": (),
    "model_from": ("words", "answers", "functions", "tokeniser"),
}
"""What two models must have in common of their vocabularies for a part of one to serve in the other."""

_CHANGES_NOTHING = ".context"
"""In the names of weights that change nothing as they begin, so that a model without them can be gone on with."""

_LISTS = {"classes", "attributes"}
"""What models without words number instead."""


def copy_parts(model: nn.Module, init: ModelInit, meta: Mapping[str, Any]) -> None:
    """Copy what a recipe takes from other models: the last named wins where two overlap.

    Args:
        model: receives the weights.
        init: where they come from.
        meta: the vocabulary that the model is trained with.

    Raises:
        ModelError: there is no such model, one of the two has no such part, the sizes differ, or the words, answers
            or functions that the part speaks of are others; the message names the setting and the difference.
    """
    if init.trunk_weights is not None:
        if not isinstance(model, RegionReasoner):
            raise ModelError(
                f"model_init.trunk_weights: a {type(model).__name__} has no trunk; leave the setting null."
            )
        model.trunk.load(Path(init.trunk_weights))
    for setting, source in init.sources.items():
        loaded = load_any(source)
        own, other = _part(setting, model, "this recipe's model"), _part(setting, loaded.model, source)
        if setting == "model_from" and type(other) is not type(own):
            raise ModelError(
                f"model_init.model_from: {source} is a {type(other).__name__}, and this recipe's model a "
                f"{type(own).__name__}. Name a model of the same family."
            )
        _check_meaning(setting, loaded, meta, source)
        _copy(setting, own, other, source)


def starting_image_network(init: ModelInit) -> PixelCnn:
    """The image network that a recipe begins with.

    Raises:
        ModelError: there is no such model, or it has none.
    """
    assert init.conv_from is not None
    found = _part("conv_from", load_any(init.conv_from).model, init.conv_from)
    assert isinstance(found, PixelCnn)
    return found


def image_network(model: nn.Module) -> PixelCnn | None:
    """The CNN with which a model sees pixels, or None."""
    seeing = model.engine if isinstance(model, Reasoner) else model
    for place in (seeing, getattr(seeing, "image", None), getattr(seeing, "trunk", None)):
        cnn = getattr(place, "cnn", None)
        if isinstance(cnn, PixelCnn):
            return cnn
    return None


def generator_of(model: nn.Module) -> ProgramGenerator | None:
    """The program generator that a model is or has, or None."""
    part = model.generator if isinstance(model, Reasoner) else model
    return part if isinstance(part, ProgramGenerator) else None


def engine_of(model: nn.Module) -> ProgramEngine | None:
    """The execution engine that a model is or has, or None."""
    part = model.engine if isinstance(model, Reasoner) else model
    return part if isinstance(part, ProgramEngine) else None


def _part(setting: str, model: nn.Module, whose: str) -> nn.Module:
    """The part of a model that a setting speaks of."""
    name, find = {
        "model_from": ("weights", _whole),
        "conv_from": ("image network", image_network),
        "generator_from": ("program generator", generator_of),
        "engine_from": ("execution engine", engine_of),
    }[setting]
    found = find(model)
    if found is None:
        raise ModelError(
            f"model_init.{setting}: {whose} has no {name} (it is a {type(model).__name__}). Leave the setting null, "
            "or name another model."
        )
    return found


def _whole(model: nn.Module) -> nn.Module:
    """All of a model."""
    return model


def _check_meaning(setting: str, source: ModelFile, meta: Mapping[str, Any], where: str) -> None:
    """Make sure that the numbers of words, answers, functions and classes mean the same in both models.

    Detectors know no words, networks of regions only classes: what this recipe's model does not know is not asked for.
    """
    if setting == "model_from":
        for kind in _LISTS & meta.keys():
            _check_list(setting, kind, source.meta.get(kind, ()), meta[kind], where)
    if not _SHARED[setting] or "vocabulary" not in meta:
        return
    if "vocabulary" not in source.meta:
        raise ModelError(
            f"model_init.{setting}: {where} does not say which words, answers and functions its numbers mean. "
            "Import it again with its vocabulary."
        )
    theirs, ours = (Vocabulary.from_dict(each["vocabulary"]) for each in (source.meta, meta))
    for kind in _SHARED[setting]:
        _check_list(setting, kind, getattr(theirs, kind), getattr(ours, kind), where)


def _check_list(setting: str, kind: str, there: Any, here: Any, where: str) -> None:
    """Make sure that two models number the same things in the same way."""
    if there != here:
        raise ModelError(
            f"model_init.{setting}: {where} knows other {kind} than this data: {_difference(there, here)}. "
            f"Train it on data with the same {kind}."
        )


def _difference(there: Any, here: Any) -> str:
    """The first thing in which two vocabularies differ."""
    if isinstance(there, str):
        return f"{there!r} there and {here!r} here"
    for number, (one, other) in enumerate(zip(there, here, strict=False), start=1):
        if one != other:
            return f"number {number} is {one!r} there and {other!r} here"
    return f"{len(there)} there and {len(here)} here"


def _copy(setting: str, own: nn.Module, other: nn.Module, where: str) -> None:
    """Copy all weights, or name the first that does not fit."""
    ours, theirs = own.state_dict(), other.state_dict()
    added = {name: ours[name] for name in ours.keys() - theirs.keys() if _CHANGES_NOTHING in name}
    theirs |= added
    for name in [*ours, *theirs]:
        there, here = _shape(theirs, name), _shape(ours, name)
        if there != here:
            raise ModelError(
                f"model_init.{setting}: {where} has other sizes than this recipe's model: {name} is {there} there and "
                f"{here} here. Make the model settings equal."
            )
    own.load_state_dict(theirs)


def _shape(weights: Mapping[str, Tensor], name: str) -> str:
    return "x".join(map(str, weights[name].shape)) if name in weights else "missing"
