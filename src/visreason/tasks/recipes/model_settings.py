"""A model family's settings as recipes have them: by dotted names, and without what follows from the data.

A family's configuration may hold further configurations, such as how it sees (`model.image.channels`) or the parts
it is made of (`model.generator.hidden`). A part that may be left out is null, or has settings of its own.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from typing import Any, get_args, get_type_hints

from visreason.data.attribute_targets import CLEVR_VALUES
from visreason.data.encodings import ATTRIBUTE_TARGETS, PUBLISHED_VALUES, object_size
from visreason.data.object_targets import DETECTED
from visreason.data.vocabulary import Vocabulary
from visreason.models import MODELS, ModuleMemoryEndToEndConfig
from visreason.models.locating import LocationHeadConfig
from visreason.nn.image_encoder import ImageEncoderConfig
from visreason.nn.region_graph import RegionGraphConfig
from visreason.nn.region_trunk import RegionTrunkConfig
from visreason.tasks.recipes.layout_tasks import JointTask, LocatingTask
from visreason.tasks.recipes.recipe import Recipe
from visreason.tasks.recipes.task_kinds import EndToEndTask

_FROM_DATA = frozenset(
    {
        "input",
        "object_size",
        "objects",
        "vocabulary_size",
        "answer_count",
        "attribute_count",
        "choices",
        "value_counts",
        "class_count",
        "functions",
        "arities",
        "input_types",
        "output_types",
        "answer_types",
        "gives_objects",
    }
)
_ELSEWHERE: dict[type, frozenset[str]] = {
    ImageEncoderConfig: frozenset({"kind", "shape"}),  # the inputs say
    LocationHeadConfig: frozenset({"frame"}),  # the data says
    RegionGraphConfig: frozenset(
        {"relation_count", "edge_count", "vector_size"}
    ),  # what is known of classes says
    RegionTrunkConfig: frozenset({"feature_channels", "feature_stride"}),  # the frozen backbone says
    ModuleMemoryEndToEndConfig: frozenset({"decoder", "temperature"}),  # the task says
}

_NO_FEATURES = (1024, 16)
"""What stands for the channels and the stride of a frozen backbone where there is none."""


def follows(kind: type) -> frozenset[str]:
    """The settings of a configuration that follow from data, inputs and task, and so are not the recipe's to choose.

    Example:
        >>> sorted(follows(ImageEncoderConfig))
        ['kind', 'shape']
    """
    return _ELSEWHERE.get(kind, _FROM_DATA)


def model_types(family: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Every setting that a recipe of this family must have, by dotted name, with its type.

    Args:
        family: a name in `visreason.models.MODELS`.
        settings: the recipe's, by dotted name: they say which parts that may be left out are there.
    """
    leaves = _leaves(MODELS[family].config, "model", settings)
    return {name: hint for name, hint, _ in leaves}


def model_defaults(family: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """The family's own defaults, by dotted name, for what a recipe leaves open."""
    leaves = _leaves(MODELS[family].config, "model", settings)
    return {name: default for name, _, default in leaves if default is not MISSING}


def model_config(recipe: Recipe, meta: Mapping[str, Any]) -> Any:
    """The configuration of the recipe's model family, with what follows from the data filled in.

    Args:
        recipe: a resolved recipe.
        meta: `inputs`; for a task that names attribute values `attributes`, for one with questions `vocabulary`,
            for one that points `frame`, and for one with regions `classes` and what is known of them, as model
            files hold them.
    """
    inputs = meta["inputs"]
    known = {
        "input": inputs["kind"],
        "object_size": object_size(inputs["encoding"]) if inputs["kind"] == "state" else None,
        "objects": _objects(recipe.model.settings, inputs),
        "attribute_count": len(meta.get("attributes", CLEVR_VALUES)),
        "choices": tuple(len(PUBLISHED_VALUES[name]) for name, _ in ATTRIBUTE_TARGETS),
        "value_counts": tuple(map(len, DETECTED.values())),
    }
    if "vocabulary" in meta:
        vocabulary = Vocabulary.from_dict(meta["vocabulary"])
        known |= {
            "vocabulary_size": len(vocabulary.words),
            "answer_count": len(vocabulary.answers),
            "functions": vocabulary.functions,
            "arities": vocabulary.arities,
            "gives_objects": vocabulary.gives_objects,
            **vocabulary.types,
        }
    if isinstance(recipe.task, EndToEndTask):
        known |= {
            "decoder": recipe.task.decoder.removesuffix("+penalty"),
            "temperature": recipe.task.temperature,
        }
    if isinstance(recipe.task, LocatingTask):
        known |= {"frame": tuple(meta["frame"])}
        known |= {} if isinstance(recipe.task, JointTask) else {"answer_count": None}
    if inputs["kind"] == "pixels":
        known |= {"kind": "pixels", "shape": (3, *inputs["image_size"])}
    elif inputs["kind"] == "features":
        known |= {"kind": "features", "shape": tuple(inputs["shape"])}
    elif inputs["kind"] == "regions":
        channels, stride = inputs.get("features", _NO_FEATURES)
        known |= {
            "class_count": len(meta["classes"]),
            "relation_count": len(meta.get("relations", ())),
            "edge_count": meta.get("edge_count", 0),
            "vector_size": meta.get("vector_size", 0),
            "feature_channels": channels,
            "feature_stride": stride,
        }
    return _fill(MODELS[recipe.model.family].config, recipe.model.settings, known)


def _objects(settings: Mapping[str, Any], inputs: Mapping[str, Any]) -> int | None:
    """How many objects, or cells, there are at most, where a Relation Network weighs their pairs."""
    if settings.get("aggregation") != "weighted-sum":
        return None
    if inputs["kind"] == "state":
        return int(inputs["max_objects"])
    stride = math.prod(settings.get("conv_strides") or [2] * len(settings["conv_channels"]))
    height, width = inputs["image_size"]
    return int(-(-height // stride) * -(-width // stride))


def nested(values: Mapping[str, Any]) -> dict[str, Any]:
    """Dotted names as mappings in mappings.

    Example:
        >>> nested({"dim": 64, "image.channels": (8, 8)})
        {'dim': 64, 'image': {'channels': (8, 8)}}
    """
    tree: dict[str, Any] = {}
    for name, value in values.items():
        *path, last = name.split(".")
        place = tree
        for key in path:
            place = place.setdefault(key, {})
        place[last] = value
    return tree


def part(hint: Any) -> type | None:
    """The configuration that a setting of this type holds, or None where it is a plain value.

    Example:
        >>> part(ImageEncoderConfig | None).__name__, part(int)
        ('ImageEncoderConfig', None)
    """
    for kind in (hint, *get_args(hint)):
        if isinstance(kind, type) and is_dataclass(kind):
            return kind
    return None


def _leaves(kind: type, prefix: str, settings: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """Name, type and default of every plain setting of a configuration and of its parts that are there."""
    hints = get_type_hints(kind)
    for one in _own(kind):
        name, hint = f"{prefix}.{one.name}", hints[one.name]
        inner = part(hint)
        given = any(other.startswith(f"{name}.") for other in settings)
        if inner is None:
            yield name, hint, one.default
        elif given or inner is hint:
            yield from _leaves(inner, name, settings)
        else:
            yield name, type(None), one.default


def _own(kind: type) -> list[Field[Any]]:
    """The fields that a recipe chooses."""
    return [one for one in fields(kind) if one.name not in follows(kind)]


def _fill(kind: type, values: Mapping[str, Any], known: Mapping[str, Any]) -> Any:
    """A configuration of a recipe's values and of what the data says, and so are its parts."""
    hints = get_type_hints(kind)
    filled: dict[str, Any] = {}
    for one in fields(kind):
        inner = part(hints[one.name])
        if one.name in follows(kind):
            filled[one.name] = known[one.name]
        elif inner is not None and values.get(one.name) is not None:
            filled[one.name] = _fill(inner, values[one.name], known)
        else:
            filled[one.name] = values[one.name]
    return kind(**filled)
