"""The module network of Johnson et al. (2017): forward and backward against its programs executed one by one."""

from visreason.benchmarks.engine_step import PUBLISHED, Case, Engine, main, make_batch, measure_all
from visreason.benchmarks.row import Row
from visreason.models.module_network import ModuleNetwork, ModuleNetworkConfig
from visreason.nn.execution import plan
from visreason.nn.functions import Functions
from visreason.nn.program_tree import Grammar

ENGINE = Engine(
    module="visreason.benchmarks.module_network",
    build=lambda: ModuleNetwork(ModuleNetworkConfig(**PUBLISHED)),
    literally=lambda model: model.modules_for_a_step(),  # the same modules, on one node at a time
    cases=(
        Case(name="module-network.separate-images", questions=64),
        Case(name="module-network.8-questions-an-image", questions=64, per_image=8),
        Case(name="module-network.separate-images-bfloat16", questions=64, dtype="bfloat16"),
        Case(name="module-network.8-questions-bfloat16", questions=64, per_image=8, dtype="bfloat16"),
        Case(name="module-network.gpu", questions=64, device="cuda"),
        Case(name="module-network.gpu-8-questions", questions=64, per_image=8, device="cuda"),
        Case(name="module-network.gpu-bfloat16", questions=64, dtype="bfloat16", device="cuda"),
    ),
)


def run(rounds: int = 3) -> list[Row]:
    """Measure every case.

    Args:
        rounds: passes through each form; the fastest counts.
    """
    return [*measure_all(ENGINE, rounds), calls()]


def calls(questions: int = 64) -> Row:
    """How many modules are called for questions about different images, against one by one: what a GPU waits for."""
    batch = make_batch(questions)
    assert batch.programs is not None
    trees = Grammar(Functions(PUBLISHED["functions"], PUBLISHED["arities"])).trees(batch.programs)
    together, alone = (
        len(plan(trees, range(questions), questions).calls),
        sum(len(tree.numbers) for tree in trees),
    )
    return Row(name="module-network.calls", value=together, unit=f"calls (one by one: {alone})")


if __name__ == "__main__":
    main(ENGINE)
