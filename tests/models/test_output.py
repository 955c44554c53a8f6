import pytest
import torch

from visreason.models.output import likeliest


def test_best_first_and_no_more_than_there_are():
    logits = torch.tensor([[0.0, 3.0, 1.0], [5.0, 0.0, 0.0]])
    rows = likeliest(logits, top=9)
    assert [one.index for one in rows[0]] == [1, 2, 0]
    assert sum(one.probability for one in rows[1]) == pytest.approx(1)
    assert len(likeliest(logits, top=1)[0]) == 1
