"""The module network of Johnson et al. (2017): forward and backward against its programs executed one by one."""

import torch

from visreason.benchmarks.engine_step import FEATURES, Case, Engine, main, measure_all
from visreason.benchmarks.row import Row
from visreason.data.vocabulary import CLEVR_VOCABULARY
from visreason.models.module_network import ModuleNetwork, ModuleNetworkConfig
from visreason.models.program_engine import ProgramEngine
from visreason.nn.image_encoder import ImageEncoderConfig

CASES = (
    Case(name="module-network.separate-images", questions=64),
    Case(name="module-network.8-questions-an-image", questions=64, per_image=8),
    Case(name="module-network.separate-images-bfloat16", questions=64, dtype="bfloat16"),
    Case(name="module-network.8-questions-bfloat16", questions=64, per_image=8, dtype="bfloat16"),
)
GPU_CASES = (
    Case(name="module-network.gpu", questions=64, device="cuda"),
    Case(name="module-network.gpu-8-questions", questions=64, per_image=8, device="cuda"),
    Case(name="module-network.gpu-bfloat16", questions=64, dtype="bfloat16", device="cuda"),
)


def build() -> ProgramEngine:
    """The published network with fixed weights."""
    torch.manual_seed(0)
    return ModuleNetwork(
        ModuleNetworkConfig(
            image=ImageEncoderConfig(kind="features", shape=FEATURES),
            functions=CLEVR_VOCABULARY.functions,
            arities=CLEVR_VOCABULARY.arities,
            answer_count=len(CLEVR_VOCABULARY.answers),
        )
    )


ENGINE = Engine(build, lambda model: model.modules_for_a_step())
"""Literally, too, each function is computed by its module, but for one node at a time."""


def run(rounds: int = 3) -> list[Row]:
    """Measure every case; those for a GPU where there is one.

    Args:
        rounds: passes through each form; the fastest counts.
    """
    return measure_all(ENGINE, CASES, GPU_CASES, "module_network", rounds)


if __name__ == "__main__":
    main(ENGINE, CASES)
