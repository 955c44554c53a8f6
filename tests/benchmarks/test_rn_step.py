import pytest
import torch

from visreason.benchmarks import rn_step
from visreason.benchmarks.rn_step import PlainCnn, PlainRelations, Work, build, equal, fastest, make_batch


@pytest.mark.parametrize("network", rn_step.SIZES)
@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_both_ways_agree(network, dtype):
    assert equal(network, dtype)


def test_equality_can_fail(monkeypatch):
    monkeypatch.setattr(
        PlainRelations, "forward", lambda *inputs: PlainRelations.__base__.forward(*inputs) * 1.01
    )
    assert not equal("state", "float32")


def test_the_networks_differ_in_their_ways_only():
    plain, ours = build("pixels", plain=True), build("pixels", plain=False)
    assert type(plain.relations) is PlainRelations
    assert type(plain.cnn) is PlainCnn
    assert all(
        torch.equal(one, other) for one, other in zip(plain.parameters(), ours.parameters(), strict=True)
    )


def test_a_step_changes_the_weights_and_the_layer_alone_does_not():
    for part, network, changes in (("step", "state", True), ("layer", "pixels", False)):
        work = Work(part, network, "float32")
        before = work.model.relations.layers[0].weight.clone()
        work(make_batch(network, questions=2))
        assert torch.equal(work.model.relations.layers[0].weight, before) is not changes


def test_every_work_gets_a_time(monkeypatch):
    monkeypatch.setitem(rn_step.SIZES, "state", (rn_step.SIZES["state"][0], 2))
    assert all(0 < seconds < 60 for seconds in fastest([Work("step", "state", "float32")] * 2, rounds=1))


def test_rows_carry_ratio_memory_and_equality(monkeypatch):
    monkeypatch.setitem(rn_step.SIZES, "state", (rn_step.SIZES["state"][0], 2))
    monkeypatch.setattr(rn_step, "CASES", (("rn-step.tiny", "step", "state", "float32", "float32"),))
    monkeypatch.setattr(rn_step, "_added_memory_elsewhere", lambda *given: 8.0 if "--plain" in given else 2.0)
    (row,) = rn_step.run(rounds=1)
    assert (row.name, row.memory_ratio, row.equal, row.unit) == ("rn-step.tiny", 0.25, True, "CPU s")
    assert row.ratio > 0


@pytest.mark.slow
@pytest.mark.parametrize("part", ["layer", "step"])
def test_a_tenth_of_the_plain_formulas_memory_is_added_at_most(part):
    ours = rn_step._added_memory_elsewhere(part, "pixels", "float32")
    plain = rn_step._added_memory_elsewhere(part, "pixels", "float32", "--plain")
    assert 0 < ours < plain / 10
