"""The model families, one file each; each a plain `nn.Module` with `forward(batch, *, trace=False)`."""

from visreason.models.attribute_cnn import AttributeCnn, AttributeCnnConfig
from visreason.models.cnn_lstm import CnnLstm, CnnLstmConfig
from visreason.models.config import config_from_dict, config_to_dict
from visreason.models.families import MODELS, ModelFamily, build_model, family_of
from visreason.models.iep import Iep, IepConfig
from visreason.models.model_file import ModelFile, load_model, save_model
from visreason.models.module_memory import ModuleMemory, ModuleMemoryConfig
from visreason.models.module_memory_end_to_end import ModuleMemoryEndToEnd, ModuleMemoryEndToEndConfig
from visreason.models.module_network import ModuleNetwork, ModuleNetworkConfig
from visreason.models.output import Output
from visreason.models.program_generator import ProgramGenerator, ProgramGeneratorConfig
from visreason.models.question_only import QuestionOnly, QuestionOnlyConfig
from visreason.models.region_config import (
    RegionBaselineConfig,
    RegionFullConfig,
    RegionGlobalConfig,
    RegionLocalConfig,
)
from visreason.models.region_output import RegionOutput, RegionTrace
from visreason.models.region_reasoning import RegionReasoner
from visreason.models.relation_counter import RelationCounter, RelationCounterConfig
from visreason.models.relation_network import RelationNetwork, RelationNetworkConfig
from visreason.models.stacked_attention import StackedAttention, StackedAttentionConfig

__all__ = [
    "MODELS",
    "AttributeCnn",
    "AttributeCnnConfig",
    "CnnLstm",
    "CnnLstmConfig",
    "Iep",
    "IepConfig",
    "ModelFamily",
    "ModelFile",
    "ModuleMemory",
    "ModuleMemoryConfig",
    "ModuleMemoryEndToEnd",
    "ModuleMemoryEndToEndConfig",
    "ModuleNetwork",
    "ModuleNetworkConfig",
    "Output",
    "ProgramGenerator",
    "ProgramGeneratorConfig",
    "QuestionOnly",
    "QuestionOnlyConfig",
    "RegionBaselineConfig",
    "RegionFullConfig",
    "RegionGlobalConfig",
    "RegionLocalConfig",
    "RegionOutput",
    "RegionReasoner",
    "RegionTrace",
    "RelationCounter",
    "RelationCounterConfig",
    "RelationNetwork",
    "RelationNetworkConfig",
    "StackedAttention",
    "StackedAttentionConfig",
    "build_model",
    "config_from_dict",
    "config_to_dict",
    "family_of",
    "load_model",
    "save_model",
]
