"""Traces to draw."""

import numpy as np
import pytest

from visreason.trace.schema import Candidate, Step, Trace, table


def grid_step() -> Step:
    """An 8 x 8 grid in which the pair of cells 18 (row 2, column 2) and 45 (row 5, column 5) speaks for the answer,
    and 18 with 51 (row 6, column 3) against it.
    """
    pairs = np.full((64, 64), 0.01)
    pairs[18, 45] = pairs[45, 18] = 2.0
    pairs[18, 46] = 1.0
    pairs[51, 18] = -1.5
    anchors = tuple((16 * column + 0.5, 16 * row + 0.5) for row in range(8) for column in range(8))
    regions = tuple(((pairs.sum(0) + pairs.sum(1)) / 2).tolist())
    return Step(name="relations", regions=regions, pairs=table(pairs), cells=(8, 8), anchors=anchors)


@pytest.fixture
def grid() -> Trace:
    """A relation network's trace from pixels."""
    return Trace(
        family="relation-network",
        steps=(Step(name="question", text_attention=(0.1, 0.0, 2.0, -1.0)), grid_step()),
        size=(128.0, 128.0),
        words=("is", "it", "red", "?"),
        answers=(
            Candidate(index=0, probability=0.9, answer="yes"),
            Candidate(index=1, probability=0.0001, answer="no"),
        ),
    )


@pytest.fixture
def objects() -> Trace:
    """A relation network's trace from a state of three objects."""
    step = Step(
        name="relations",
        pairs=((0.5, 2.0, 0.0), (1.0, 0.0, -1.0), (0.0, -0.5, 0.0)),
        anchors=((100.0, 100.0), (300.0, 200.0), (400.0, 50.0)),
    )
    return Trace(family="relation-network", steps=(step,), size=(480.0, 320.0), words=("how", "many", "?"))
