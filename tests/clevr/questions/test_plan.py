from dataclasses import replace

import pytest

from visreason.clevr.questions import Template, own_templates
from visreason.clevr.questions.plan import Plan, make_plan
from visreason.clevr.questions.template import ValuesDiffer

TEMPLATES = {template.name: template for template in own_templates().templates}


def plan(name: str) -> Plan:
    return make_plan(TEMPLATES[name], own_templates())


def depends_on(plan: Plan, k: int) -> set[str]:
    """What step k's situation is made of: "o3" is the output of step 3, "c3" its choice."""
    size = len(plan.steps)
    names = [f"o{i}" for i in range(size)] + [f"c{i}" for i in range(size)]
    found = plan.steps[k].situation(names)
    return set() if found is None else {found} if isinstance(found, str) else set(found)


def test_steps_of_a_chain() -> None:
    steps = plan("two_hop/2").steps
    assert [step.name for step in steps] == [
        "scene",
        "filter_unique",
        "relate_filter_unique",
        "relate_filter_unique",
        "query_size",
    ]
    assert [step.ending for step in steps] == ["", "unique", "unique", "unique", ""]
    assert steps[3].nulls == (1,)  # the size in (relation, size, color, material, shape)
    assert steps[1].nulls == ()
    assert steps[0].rule is not None
    assert steps[1].rule is None


def test_a_chain_depends_on_its_last_link_only() -> None:
    chain = plan("two_hop/2")
    assert [depends_on(chain, k) for k in range(5)] == [{"o0"}, {"o1"}, {"o2"}, {"o3"}, {"o4"}]


def test_a_pending_constraint_keeps_an_output_alive() -> None:
    both = plan("compare_integer/6")
    assert both.steps[4].output_differs == (1,)
    assert depends_on(both, 2) == {"o1", "o2"}
    assert depends_on(both, 4) == {"o2", "o4"}


def test_behind_a_relate_choices_matter() -> None:
    joined = plan("single_and/1")
    assert joined.must_matter == {"relate"}
    matter = [step.name for step in joined.steps if step.choice_matters]
    assert matter == ["filter_unique"]
    last_filter = next(k for k, step in enumerate(joined.steps) if step.choice_matters)
    assert f"c{last_filter}" in depends_on(joined, last_filter)
    assert {"o2", "o5"} <= depends_on(joined, last_filter)


def test_differing_values() -> None:
    template = TEMPLATES["comparison/0"]
    slots = [node.slots for node in template.nodes if node.slots]
    first = ValuesDiffer(slots[1][1], slots[0][1])
    strict = make_plan(replace(template, constraints=(*template.constraints, first)), own_templates())
    early, late = (k for k, step in enumerate(strict.steps) if step.in_value_constraint)
    assert strict.steps[late].value_differs == ((1, early, 1),)
    assert f"c{early}" in depends_on(strict, early)
    assert f"c{early}" not in depends_on(strict, late)


@pytest.mark.parametrize(
    ("name", "answers"),
    [
        ("zero_hop/0", tuple(range(11))),
        ("zero_hop/1", (True, False)),
        ("zero_hop/2", ("cube", "sphere", "cylinder")),
    ],
)
def test_possible_answers(name: str, answers: tuple[object, ...]) -> None:
    assert plan(name).answers == answers


@pytest.mark.parametrize("template", own_templates().templates, ids=lambda template: template.name)
def test_other_may_have_to_go_where_two_are_compared(template: Template) -> None:
    made = make_plan(template, own_templates())
    assert (made.pair is not None) == (len(template.domains) == 8)
    assert len(made.wordings) == len(template.texts)
    if made.pair:
        assert made.pair[1]["color"] == "<C2>"
