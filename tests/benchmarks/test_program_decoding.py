import pytest
import torch

from visreason.benchmarks import program_decoding
from visreason.benchmarks.program_decoding import CASES, build, make_questions


def test_every_case_gets_a_row(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    rows = program_decoding.run(rounds=1, questions=3, hidden=16)
    assert [row.name for row in rows] == list(CASES)
    assert [row.equal for row in rows] == [True, None, True]
    assert all(row.ratio > 0 and row.value > 0 for row in rows)


def test_inequality_shows(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch, "equal", lambda *given: False)
    assert not program_decoding.run(rounds=1, questions=2, hidden=8)[0].equal


def test_programs_have_the_longest_length():
    tokens, lengths = make_questions(5)
    assert build("lstm", 16).decode(tokens, lengths).steps.sum(1).tolist() == [30] * 5
    assert (tokens != 0).sum(1).tolist() == lengths.tolist()


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_scores_are_those_of_the_book(cell):
    tokens, lengths = make_questions(4)
    tokens, lengths = tokens[:, : int(lengths.min())], torch.full((4,), int(lengths.min()))
    programs = torch.randint(4, 44, (4, 6), generator=torch.Generator().manual_seed(1))
    models = [build(cell, 64, plain=plain).double() for plain in (False, True)]
    found = []
    for model in models:
        scores = model.score(tokens, lengths, programs)
        found.append([scores, *torch.autograd.grad(scores.sin().sum(), [*model.parameters()])])
    for ours, expected in zip(*found, strict=True):
        torch.testing.assert_close(ours, expected, rtol=1e-9, atol=1e-12)
