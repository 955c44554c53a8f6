import pytest
import torch

from visreason.benchmarks import engine_step, module_memory, module_network
from visreason.benchmarks.engine_step import (
    Case,
    Engine,
    Work,
    equal,
    fastest,
    make_batch,
    measure,
    measure_all,
)
from visreason.data.vocabulary import CLEVR_VOCABULARY
from visreason.models import ModuleMemory, ModuleMemoryConfig, ModuleNetwork, ModuleNetworkConfig
from visreason.nn.image_encoder import ImageEncoderConfig

SMALL = {"answer_count": 28, "dim": 4, "classifier_projection": 4, "classifier_widths": (6,)}


@pytest.fixture(params=["module_network", "module_memory"])
def engine(request, monkeypatch):
    """The benchmark's engine, small."""
    monkeypatch.setattr(engine_step, "FEATURES", (3, 4, 4))
    see = ImageEncoderConfig(kind="features", shape=(3, 4, 4))
    language = {"functions": CLEVR_VOCABULARY.functions, "arities": CLEVR_VOCABULARY.arities}

    def build():
        torch.manual_seed(0)
        if request.param == "module_network":
            return ModuleNetwork(ModuleNetworkConfig(image=see, **language, **SMALL))
        return ModuleMemory(ModuleMemoryConfig(image=see, **language, **SMALL))

    literally = {"module_network": module_network, "module_memory": module_memory}[
        request.param
    ].ENGINE.literally
    return Engine(build, literally)


CASE = Case(name="tiny", questions=6, per_image=3)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_both_forms_agree(engine, dtype):
    assert equal(engine, Case(name="tiny", questions=6, per_image=3, dtype=dtype))


def test_equality_can_fail(engine):
    def wrong(model):
        apply = engine.literally(model)
        return lambda number, inputs: apply(number, inputs) * 1.01

    assert not equal(Engine(engine.build, wrong), CASE)


def test_questions_share_images():
    batch = make_batch(12, per_image=4)
    assert batch.image_rows.tolist() == [0] * 4 + [1] * 4 + [2] * 4
    assert len(batch.features) == 3
    assert batch.programs.shape[0] == 12
    assert int(batch.programs.max()) < 44


def test_a_pass_leaves_gradients_and_weights_alone(engine):
    work = Work(engine, CASE)
    before = [one.clone() for one in work.model.parameters()]
    work()
    assert any(one.grad is not None for one in work.model.parameters())
    assert all(torch.equal(one, other) for one, other in zip(before, work.model.parameters(), strict=True))


def test_every_work_gets_a_time(engine):
    assert all(
        0 < seconds < 60 for seconds in fastest([Work(engine, CASE, literal=True), Work(engine, CASE)], 1)
    )


def test_a_row_carries_ratio_memory_and_equality(engine, monkeypatch):
    monkeypatch.setattr(engine_step, "_elsewhere", lambda *given: 8.0 if "--literal" in given else 2.0)
    row = measure(engine, CASE, "module_network", rounds=1)
    assert (row.name, row.memory_ratio, row.equal, row.unit) == ("tiny", 0.25, True, "CPU s")
    assert row.ratio > 0


def test_gpu_cases_wait_for_a_gpu(engine, monkeypatch):
    monkeypatch.setattr(engine_step, "_elsewhere", lambda *given: 1.0)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    gpu = Case(name="tiny-gpu", questions=6, device="cuda")
    assert [row.name for row in measure_all(engine, [CASE], [gpu], "module_network", rounds=1)] == ["tiny"]


@pytest.mark.parametrize("module", [module_network, module_memory])
def test_the_published_networks_are_measured(module):
    with torch.device("meta"):
        model = module.build()
    assert sum(one.numel() for one in model.parameters()) > 39_000_000
    assert len({case.name for case in (*module.CASES, *module.GPU_CASES)}) == len(module.CASES) + len(
        module.GPU_CASES
    )


@pytest.mark.slow
def test_memory_is_measured_in_a_process_of_its_own():
    ours = engine_step._elsewhere("module_memory", "module-memory.float32")
    literal = engine_step._elsewhere("module_memory", "module-memory.float32", "--literal")
    assert 0 < ours < literal
