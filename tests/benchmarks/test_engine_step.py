from dataclasses import replace

import pytest
import torch

from visreason.benchmarks import engine_step, module_memory, module_network
from visreason.benchmarks.engine_step import (
    PUBLISHED,
    Case,
    Work,
    equal,
    fastest,
    make_batch,
    measure,
    measure_all,
)
from visreason.models import ModuleMemory, ModuleMemoryConfig, ModuleNetwork, ModuleNetworkConfig
from visreason.nn.image_encoder import ImageEncoderConfig

SMALL = {
    **PUBLISHED,
    "image": ImageEncoderConfig(kind="features", shape=(3, 4, 4)),
    "dim": 4,
    "classifier_projection": 4,
    "classifier_widths": (6,),
}
BUILD = {
    module_network: lambda: ModuleNetwork(ModuleNetworkConfig(**SMALL)),
    module_memory: lambda: ModuleMemory(ModuleMemoryConfig(**SMALL)),
}
CASE = Case(name="tiny", questions=6, per_image=3)


@pytest.fixture(params=BUILD, ids=["module-network", "module-memory"])
def engine(request, monkeypatch):
    """The benchmark's engine, small, with one case."""
    monkeypatch.setattr(engine_step, "FEATURES", (3, 4, 4))
    return replace(request.param.ENGINE, build=BUILD[request.param], cases=(CASE,))


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_both_forms_agree(engine, dtype):
    assert equal(engine, Case(name="tiny", questions=6, per_image=3, dtype=dtype))


def test_equality_can_fail(engine):
    def wrong(model):
        apply = engine.literally(model)
        return lambda number, inputs: apply(number, inputs) * 1.01

    assert not equal(replace(engine, literally=wrong), CASE)


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
    row = measure(engine, CASE, rounds=1)
    assert (row.name, row.memory_ratio, row.equal, row.unit) == ("tiny", 0.25, True, "CPU s")
    assert row.ratio > 0


def test_gpu_cases_wait_for_a_gpu(engine, monkeypatch):
    monkeypatch.setattr(engine_step, "_elsewhere", lambda *given: 1.0)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    gpu = Case(name="tiny-gpu", questions=6, device="cuda")
    assert [row.name for row in measure_all(replace(engine, cases=(CASE, gpu)), rounds=1)] == ["tiny"]


@pytest.mark.slow
def test_memory_is_measured_in_a_process_of_its_own():
    ours = engine_step._elsewhere(module_memory.ENGINE.module, "module-memory.float32")
    literal = engine_step._elsewhere(module_memory.ENGINE.module, "module-memory.float32", "--literal")
    assert 0 < ours < literal
