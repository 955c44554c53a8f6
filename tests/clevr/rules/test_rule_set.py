"""Rules together: what they leave, what they say where they leave nothing, and that worlds obey them."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from visreason.clevr.oracle import judge
from visreason.clevr.questions import QuestionEngine, referring_templates
from visreason.clevr.rules import NO_RULES, Rules
from visreason.clevr.sampling import sample_scene, scene_rng
from visreason.clevr.scene import Scene
from visreason.errors import UsageError

KINDS = {
    "cogent": ["cogent=A", "cogent=B"],
    "objects": ["objects=3-5", "objects=4", "objects=4-7"],
    "families": ["families=0-8,36-89", "families!=0-35", "families=9-89"],
    "depth": ["depth<=9", "depth>=4", "depth=4-8"],
    "pairs": ["pairs!=red+cube", "pairs!=blue+metal,small+cylinder", "pairs=green+sphere"],
    "relations": ["relations!=left+red", "relations!=same_color+cube,right+metal"],
}


def make(rules: Rules, count: int, seed: int = 0) -> list[Scene]:
    return [
        sample_scene(
            scene_rng(seed, "val", i),
            i,
            "val",
            *rules.counts,
            rule=rules.object_rule,
            scene_rule=rules.scene_rule,
        )
        for i in range(count)
    ]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(sorted(KINDS)), unique=True, min_size=1, max_size=4), st.data())
def test_scenes_questions_and_expressions_obey_any_rules(kinds: list[str], data: st.DataObject) -> None:
    rules = Rules.parse([data.draw(st.sampled_from(KINDS[kind])) for kind in kinds])
    scenes = make(rules, 2, seed=data.draw(st.integers(0, 1000)))
    assert not any(map(rules.broken_by_scene, scenes))
    questions = list(QuestionEngine(rules=rules).generate(scenes, 4))
    assert questions
    assert not any(rules.broken_by_question(question, rules.guard()) for question in questions)
    assert all(verdict.agrees for verdict in judge(questions, scenes))
    guard = rules.without_families().guard()
    for expression in QuestionEngine(referring_templates(), rules=rules).generate(scenes, 2):
        assert guard is None or not guard.broken_by(expression.program or ())


@pytest.mark.parametrize("text", ["relations=left+red", "depth>=12", "depth<=3", "pairs=red+cube"])
def test_rare_things_are_found_where_they_are_asked_for(text: str) -> None:
    rules = Rules.parse([text, "objects=6-8"])
    questions = list(QuestionEngine(rules=rules).generate(make(rules, 4), 2))
    assert len(questions) >= 4
    assert not any(rules.broken_by_question(question, rules.guard()) for question in questions)


def test_no_rules_are_clevr() -> None:
    assert NO_RULES.counts == (3, 10)
    assert NO_RULES.object_rule is NO_RULES.scene_rule is NO_RULES.guard() is None
    assert not NO_RULES
    assert str(NO_RULES) == "none"


def test_rules_hold_together_in_any_order() -> None:
    one, other = (
        Rules.parse(texts) for texts in (["objects=3-6", "objects=5-9"], ["objects=5-9", "objects=3-6"])
    )
    assert one == other
    assert one.counts == (5, 6)
    assert Rules.parse(["cogent=A"] * 2).texts() == ["cogent=A"]


def test_families_are_cut_down_in_turn() -> None:
    rules = Rules.parse(["families=0-8", "families!=3-5"])
    assert rules.families(range(90), "ours") == {0, 1, 2, 6, 7, 8}
    assert rules.without_families() == NO_RULES


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (["objects=3-4", "objects=6"], "objects=3-4 and objects=6 contradict each other"),
        (["cogent=A", "pairs=red+cube"], "cogent=A leaves 64"),
        (
            [
                "pairs!="
                + ",".join(f"large+{shape},small+{shape}" for shape in ("cube", "sphere", "cylinder"))
            ],
            "leaves 0",
        ),
    ],
)
def test_rules_that_leave_no_scene_say_which_starves(texts: list[str], message: str) -> None:
    with pytest.raises(UsageError) as error:
        Rules.parse(texts)
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("texts", "message"),
    [(["families=95"], "families 0 to 89"), (["families=3", "families!=3"], "no question family is left")],
)
def test_rules_that_leave_no_family_say_so(texts: list[str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        Rules.parse(texts).families(range(90), "ours")
