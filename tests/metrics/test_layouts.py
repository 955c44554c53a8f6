"""Figures of planned layouts."""

from visreason.metrics.layouts import score_layouts

FIND, FILTER, AND, DESCRIBE = 1, 3, 4, 7


def test_exact_steps_and_valid_are_told_apart():
    planned = [[FIND, DESCRIBE, 0], [FIND, FILTER, DESCRIBE], [AND, DESCRIBE, 0]]
    true = [[FIND, DESCRIBE, 0], [FIND, DESCRIBE, 0], None]
    scores = score_layouts(planned, true, [0, 1, 2], ends_in_answer=True)
    assert (scores.exact.value, scores.exact.count) == (0.5, 2)
    assert (scores.steps.value, scores.steps.count) == (4 / 6, 6)
    assert scores.valid.value == 2 / 3
    assert list(scores.to_dict()) == ["exact", "steps", "valid"]


def test_an_expression_must_not_describe():
    scores = score_layouts([[FIND, DESCRIBE], [FIND, 0]], [None, None], [0, 1], ends_in_answer=False)
    assert scores.valid.value == 0.5
    assert scores.exact is None
    assert list(scores.lines()) == ["valid layouts"]
