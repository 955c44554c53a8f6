from hypothesis import given
from hypothesis import strategies as st

from visreason.nn.pairwise_blocks import divide_blocks, plan_blocks

COUNTS = st.lists(st.integers(0, 9), max_size=12).map(sorted)


def pairs_of(blocks):
    return [
        (question, row, column)
        for block in blocks
        for question in range(block.questions.start, block.questions.stop)
        for row in range(block.rows.start, block.rows.stop)
        for column in range(block.objects)
    ]


@given(COUNTS, st.integers(1, 60))
def test_every_pair_lies_in_one_block_that_is_not_too_large(counts, most):
    blocks = list(plan_blocks(counts, most))
    expected = {(q, r, c) for q, count in enumerate(counts) for r in range(count) for c in range(count)}
    found = pairs_of(blocks)
    assert len(found) == len(expected)
    assert set(found) == expected
    assert all(block.pairs <= max(most, block.objects) for block in blocks)


@given(COUNTS, st.integers(1, 60), st.integers(1, 5))
def test_runs_hold_all_blocks_in_order_and_share_no_question(counts, most, parts):
    blocks = list(plan_blocks(counts, most))
    runs = divide_blocks(blocks, parts)
    assert [block for run in runs for block in run] == blocks
    assert len(runs) <= parts
    questions = [{question for question, _, _ in pairs_of(run)} for run in runs]
    assert sum(map(len, questions)) == len(set().union(*questions))


def test_work_is_shared_evenly():
    runs = divide_blocks(list(plan_blocks([8] * 10, 64)), 2)
    assert [sum(block.pairs for block in run) for run in runs] == [320, 320]
