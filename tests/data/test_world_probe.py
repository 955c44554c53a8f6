from pathlib import Path

import pytest

from visreason.clevr import sampling
from visreason.clevr.rules import Rules
from visreason.data.world import generate_world
from visreason.data.world_probe import check_rules
from visreason.data.world_split import WorldSplit
from visreason.data.world_windows import question_engines
from visreason.errors import UsageError


def probe(*texts: str, questions: int = 1) -> WorldSplit:
    wanted = WorldSplit("val", 5, questions, images=False, only=Rules.parse(texts))
    check_rules(wanted, question_engines(wanted))
    return wanted


@pytest.mark.parametrize(
    ("rules", "asked"), [((), 1), (("cogent=A", "relations=left+red"), 1), (("families=84", "depth<=3"), 0)]
)
def test_rules_that_leave_enough_are_let_through(rules: tuple[str, ...], asked: int, tmp_path: Path) -> None:
    made = generate_world(tmp_path, probe(*rules, questions=asked), jobs=1)
    assert made.scenes == 5
    assert (made.questions > 0) == (asked > 0)


def test_nothing_to_ask_says_which_rule_refused_how_much() -> None:
    with pytest.raises(UsageError) as error:
        probe("objects=1", "families=25-30")
    assert "none has a question about the split's first 5 scenes" in str(error.value)
    with pytest.raises(UsageError, match=r"of what was tried, .*pairs=red\+cube refused \d+"):
        probe("families=86", "pairs=red+cube", "pairs=blue+sphere")


def test_objects_without_room_are_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sampling, "_MAX_LAYOUTS", 50)
    with pytest.raises(UsageError, match="no scene of 60 objects"):
        probe("objects=3-60")
