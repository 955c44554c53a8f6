import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from visreason.errors import UsageError
from visreason.metrics.consistency import Consistency, consistency
from visreason.metrics.intervals import clustered_fraction

# answer before and after, prediction before and after, edit, image
PAIRS = [
    ("2", "3", "2", "3", "add", 0),  # follows the change
    ("2", "3", "2", "2", "add", 0),  # does not
    ("yes", "no", "no", "no", "move", 1),  # right after by chance
    ("yes", "no", "no", "yes", "move", 1),  # changes, wrongly
    ("red", "red", "red", "red", "color", 2),  # stays, right
    ("red", "red", "blue", "blue", "color", 2),  # stays, wrong
    ("red", "red", "red", "blue", "move", 3),  # moves where it should not
]


def of(pairs: list[tuple[str, str, str, str, str, int]]) -> Consistency:
    before, after, said_before, said_after, edits, images = map(list, zip(*pairs, strict=True))
    return consistency((before, after), (said_before, said_after), edits, images)


def test_every_figure_by_hand() -> None:
    overall = of(PAIRS).overall
    assert overall.both_right == clustered_fraction([1, 0, 0, 0, 1, 0, 0], [0, 0, 1, 1, 2, 2, 3])
    assert overall.before_right.value == 4 / 7
    assert overall.after_right.value == 3 / 7
    assert overall.changing_right == clustered_fraction([1, 0, 0, 0], [0, 0, 1, 1])
    assert overall.changed == clustered_fraction([1, 0, 0, 1], [0, 0, 1, 1])
    assert overall.changed_rightly == clustered_fraction([1, 0, 0, 0], [0, 0, 1, 1])
    assert overall.staying_right == clustered_fraction([1, 0, 0], [2, 2, 3])
    assert overall.stayed == clustered_fraction([1, 1, 0], [2, 2, 3])


def test_by_edit_and_none_where_there_is_no_such_pair() -> None:
    found = of(PAIRS)
    assert list(found.by_edit) == ["move", "color", "add"]
    assert found.by_edit["move"] == of([pair for pair in PAIRS if pair[4] == "move"]).overall
    assert found.by_edit["add"].stayed is found.by_edit["add"].staying_right is None
    assert found.by_edit["color"].changed is None


def test_the_form_of_metrics_json() -> None:
    document = json.loads(json.dumps(of(PAIRS).to_dict()))
    assert document["pairs"] == 7
    assert document["both_right"]["count"] == 7
    assert document["by_edit"]["add"]["stayed"] is None
    assert set(document) == {"pairs", "by_edit"} | set(document["by_edit"]["add"])


WORDS = st.sampled_from(["yes", "no", "1"])


@given(st.lists(st.tuples(WORDS, WORDS, WORDS, st.integers(0, 3)), min_size=1, max_size=30))
def test_an_oracle_is_consistent_and_a_blind_model_never_where_answers_change(
    pairs: list[tuple[str, str, str, int]],
) -> None:
    oracle = of([(before, after, before, after, "add", image) for before, after, _, image in pairs]).overall
    blind = of([(before, after, said, said, "add", image) for before, after, said, image in pairs]).overall
    assert oracle.both_right.value == 1
    assert oracle.changed is None or oracle.changed.value == oracle.changed_rightly.value == 1
    assert blind.stayed is None or blind.stayed.value == 1
    assert blind.changing_right is None or blind.changing_right.value == blind.changed.value == 0


def test_errors() -> None:
    with pytest.raises(UsageError, match="at least one pair"):
        consistency(([], []), ([], []), [], np.array([]))
    with pytest.raises(UsageError, match="got 1 and 1 answers, 1 and 2 predictions, 1 edits and 1 images"):
        consistency((["1"], ["1"]), (["1"], ["1", "2"]), ["add"], [0])
    with pytest.raises(UsageError, match="'paint' is no kind of edit; there are move, size, color"):
        consistency((["1"], ["1"]), (["1"], ["1"]), ["paint"], [0])
