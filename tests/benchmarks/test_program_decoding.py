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
