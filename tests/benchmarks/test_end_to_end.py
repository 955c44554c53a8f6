import torch

from visreason.benchmarks import end_to_end
from visreason.benchmarks.end_to_end import Case, build, featured, step, written

SMALL = Case(name="tiny", shape=(4, 4, 4), dim=4, questions=3)


def test_rows_carry_ratio_and_equality():
    (row,) = end_to_end.run(rounds=1, cases=(SMALL,))
    assert (row.name, row.equal, row.unit) == ("tiny", True, "CPU s")
    assert row.ratio > 0


def test_equality_can_fail(monkeypatch):
    literal = end_to_end.one_by_one
    monkeypatch.setattr(end_to_end, "one_by_one", lambda *given: literal(*given) * 1.001)
    assert not end_to_end.run(rounds=1, cases=(SMALL,))[0].equal


def test_the_programs_are_the_true_ones_and_their_symbols_mixed():
    model, batch = build(SMALL), featured(SMALL)
    decoded = written(model, batch)
    assert torch.equal(decoded.programs, batch.programs)
    taken = decoded.log_probability.exp()[decoded.steps]
    assert taken.min() > 0.1
    assert taken.max() < 0.9


def test_the_gradient_reaches_generator_and_memory():
    model, batch = build(SMALL), featured(SMALL)
    step(model, batch, literal=False)
    assert model.generator.scores.weight.grad.abs().sum() > 0
    assert model.engine.memory.one_input.grad.abs().sum() > 0
