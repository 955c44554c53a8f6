import torch

from visreason.models.program_trace import program_steps
from visreason.nn.decoding import Decoded
from visreason.nn.functions import Functions

LANGUAGE = Functions(("scene", "red", "less"), (0, 1, 2))
ARITIES = torch.tensor([1, 1, 1, 1, 0, 1, 2])


def test_steps_follow_the_tree_and_skip_what_is_no_function():
    symbols = torch.tensor([[6, 2, 5, 4, 4, 2], [6, 4, 2, 0, 0, 0]])
    scores = torch.zeros(2, 6, 7)
    scores[0, 2, 5] = 3.0
    attention = torch.arange(12.0).view(2, 6, 1).expand(2, 6, 3)
    written = Decoded(symbols, symbols != 0, ARITIES, scores, scores, attention)
    first, second = program_steps(written, LANGUAGE)
    assert [(step.name, step.reads) for step in first] == [
        ("scene", ()),
        ("red", (0,)),
        ("scene", ()),
        ("less", (1, 2)),
    ]
    assert [step.text_attention[0] for step in first] == [3, 2, 4, 0]
    assert first[1].weight > 0.7 > first[0].weight
    assert [(step.name, step.weight is None) for step in second] == [
        ("scene", False),
        ("scene", True),
        ("less", False),
    ]
    assert second[1].text_attention is None
