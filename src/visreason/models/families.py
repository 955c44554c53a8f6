"""Every model family by name: its configuration and how it is built."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from torch import nn

from visreason.errors import ModelError
from visreason.models.attribute_cnn import AttributeCnn, AttributeCnnConfig
from visreason.models.attribute_detector import AttributeDetector, AttributeDetectorConfig
from visreason.models.cnn_lstm import CnnLstm, CnnLstmConfig
from visreason.models.config import config_from_dict
from visreason.models.iep import Iep, IepConfig
from visreason.models.module_memory import ModuleMemory, ModuleMemoryConfig
from visreason.models.module_memory_end_to_end import ModuleMemoryEndToEnd, ModuleMemoryEndToEndConfig
from visreason.models.module_network import ModuleNetwork, ModuleNetworkConfig
from visreason.models.program_generator import ProgramGenerator, ProgramGeneratorConfig
from visreason.models.question_only import QuestionOnly, QuestionOnlyConfig
from visreason.models.region_config import (
    RegionBaselineConfig,
    RegionFullConfig,
    RegionGlobalConfig,
    RegionLocalConfig,
)
from visreason.models.region_reasoning import RegionReasoner
from visreason.models.relation_counter import RelationCounter, RelationCounterConfig
from visreason.models.relation_network import RelationNetwork, RelationNetworkConfig
from visreason.models.stack_nmn import StackNmn, StackNmnConfig
from visreason.models.stacked_attention import StackedAttention, StackedAttentionConfig


@dataclass(frozen=True, slots=True)
class ModelFamily:
    """A kind of model.

    Attributes:
        config: its configuration dataclass.
        build: makes the module (a plain `nn.Module` with `forward(batch, *, trace=False)`).
        summary: one line for lists.
        reads: `"questions"`: a `Batch`, and gives an `Output`; `"regions"`: a `RegionBatch`, and gives a
            `RegionOutput`.
    """

    config: type[Any]
    build: Callable[[Any], nn.Module]
    summary: str
    reads: Literal["questions", "regions"] = "questions"


MODELS: dict[str, ModelFamily] = {
    "relation-network": ModelFamily(
        RelationNetworkConfig,
        RelationNetwork,
        "sums a small network over all pairs of objects, given the question",
    ),
    "question-only": ModelFamily(
        QuestionOnlyConfig,
        QuestionOnly,
        "reads the question and never looks: the baseline that shows language bias",
    ),
    "cnn-lstm": ModelFamily(
        CnnLstmConfig,
        CnnLstm,
        "reads question and image side by side: the baseline that looks at nothing special",
    ),
    "stacked-attention": ModelFamily(
        StackedAttentionConfig,
        StackedAttention,
        "looks several times, or once a word, each time knowing more",
    ),
    "module-network": ModelFamily(
        ModuleNetworkConfig,
        ModuleNetwork,
        "executes a program with a small network for every function",
    ),
    "module-memory": ModelFamily(
        ModuleMemoryConfig,
        ModuleMemory,
        "executes a program with weights read from a memory of functions",
    ),
    "iep": ModelFamily(IepConfig, Iep, "writes a program for the question, then executes it on the image"),
    "module-memory-end-to-end": ModelFamily(
        ModuleMemoryEndToEndConfig,
        ModuleMemoryEndToEnd,
        "writes a program whose steps are mixtures of modules, so that the answer teaches both parts",
    ),
    "stack-nmn": ModelFamily(
        StackNmnConfig,
        StackNmn,
        "plans a soft program of nine modules from the text, and runs it with a stack of maps; answers or points",
    ),
    "program-generator": ModelFamily(
        ProgramGeneratorConfig,
        ProgramGenerator,
        "writes the program that answers a question; no image, no answer",
    ),
    "attribute-cnn": ModelFamily(
        AttributeCnnConfig, AttributeCnn, "says which attribute values occur in an image; no question"
    ),
    "attribute-detector": ModelFamily(
        AttributeDetectorConfig,
        AttributeDetector,
        "finds the objects of an image and says of each what it is; no question",
    ),
    "relation-counter": ModelFamily(
        RelationCounterConfig,
        RelationCounter,
        "counts which things stand right of, and before, which others; no question",
    ),
    "region-baseline": ModelFamily(
        RegionBaselineConfig, RegionReasoner, "names the regions of an image, each by itself", "regions"
    ),
    "region-local": ModelFamily(
        RegionLocalConfig,
        RegionReasoner,
        "names regions again and again, with a memory over the image that all of them write to",
        "regions",
    ),
    "region-global": ModelFamily(
        RegionGlobalConfig,
        RegionReasoner,
        "names regions again and again, over a graph of regions and of what is known of classes",
        "regions",
    ),
    "region-full": ModelFamily(
        RegionFullConfig, RegionReasoner, "names regions with both a memory and a graph", "regions"
    ),
}


def build_model(family: str, config: Any) -> nn.Module:
    """A model with fresh weights.

    Args:
        family: a name in `MODELS`.
        config: the family's configuration, or a mapping with its fields.

    Raises:
        ModelError: no such family, or a configuration that is not the family's.

    Example:
        >>> model = build_model("question-only", {"vocabulary_size": 82, "answer_count": 28})
        >>> type(model).__name__
        'QuestionOnly'
    """
    if family not in MODELS:
        raise ModelError(f"there is no model family '{family}'. Choose one of {', '.join(MODELS)}.")
    kind = MODELS[family]
    if isinstance(config, Mapping):
        config = config_from_dict(kind.config, config, family)
    if not isinstance(config, kind.config):
        raise ModelError(
            f"the model family '{family}' is built from a {kind.config.__name__}, "
            f"not from a {type(config).__name__}."
        )
    return kind.build(config)


def family_of(model: nn.Module) -> str:
    """The family's name of a model.

    Raises:
        ModelError: the model is of no family here.
    """
    config = getattr(model, "config", None)
    for name, kind in MODELS.items():
        if type(config) is kind.config:
            return name
    raise ModelError(
        f"a {type(model).__name__} belongs to no model family of visreason ({', '.join(MODELS)})."
    )
