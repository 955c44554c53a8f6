"""A template prepared for the search: what each step needs, and what the steps after it still depend on."""

from collections.abc import Callable
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from visreason.clevr.answers import ANSWER_CLASSES
from visreason.clevr.executor import RULES, Rule, Value
from visreason.clevr.functions import Type
from visreason.clevr.questions.restrict import rests
from visreason.clevr.questions.template import Null, OutputsDiffer, Template, TemplateSet, ValuesDiffer
from visreason.clevr.questions.wording import Wording, parse_wording

Choice = tuple[str | None, ...]
"""What a step's slots say, in their order; None where a slot says nothing."""


@dataclass(frozen=True, slots=True)
class Step:
    """One template node, prepared.

    Attributes:
        name: the template function.
        inputs: the nodes it reads.
        rule: how to compute its output, for functions that are CLEVR's own.
        domains: what its slots are, such as `("relation", "size", "color", "material", "shape")`.
        ending: what a filter ends in: `""` (the set), `"unique"`, `"count"` or `"exist"`.
        nulls: places of its choice that stay empty.
        not_empty: whether it gives a set that has to hold something: what refers to an object speaks of no
            things that are not there.
        output_differs: earlier nodes whose output may not equal its own.
        value_differs: (its place, earlier node, place there) whose words may not be equal.
        choice_matters: whether two choices with the same output can end differently.
        in_value_constraint: whether that is because of a `NEQ`.
        open: the nodes up to this one that later ones read.
        situation: picks from the list outputs + choices all that the steps after this one still depend on.
    """

    name: str
    inputs: tuple[int, ...]
    rule: Rule | None
    domains: tuple[str, ...]
    ending: str
    nulls: tuple[int, ...]
    not_empty: bool
    output_differs: tuple[int, ...]
    value_differs: tuple[tuple[int, int, int], ...]
    choice_matters: bool
    in_value_constraint: bool
    open: tuple[int, ...]
    situation: Callable[[list[Any]], Any]


@dataclass(frozen=True, slots=True)
class Plan:
    """A template, prepared.

    Attributes:
        template: what it was made from.
        steps: one for each of the template's nodes.
        answers: all answers it could get, as the executor's values; None where it gives an object, of which
            every scene has its own.
        wordings: its sentences, taken apart.
        rest: for each step, the fewest and the most functions that follow on the longest way to the end.
        later: for each step, the greatest depth that a branch which starts after it can give the program.
        must_matter: the functions whose nodes may not be idle; empty where the template has none of them as
            a node of its own, as only then it can be degenerate.
        pair: the slots of its two descriptions, when it has these two and nothing else: then "other" may have
            to go.
    """

    template: Template
    steps: tuple[Step, ...]
    answers: tuple[Value, ...] | None
    wordings: tuple[Wording, ...]
    rest: tuple[tuple[int, int], ...]
    later: tuple[int, ...]
    must_matter: frozenset[str]
    pair: tuple[dict[str, str], dict[str, str]] | None


def make_plan(template: Template, templates: TemplateSet) -> Plan:
    """Prepare a template of a set for the search."""
    must_matter = templates.purpose.must_matter
    if must_matter.isdisjoint(node.name for node in template.nodes):
        must_matter = frozenset()
    where = {
        slot: (i, place) for i, node in enumerate(template.nodes) for place, slot in enumerate(node.slots)
    }
    matters = _choices_that_matter(template, where, must_matter)
    steps = tuple(
        _step(template, i, where, matters, can_be_idle=bool(must_matter)) for i in range(len(template.nodes))
    )
    rest = rests(template)
    starts = [0 if node.inputs else 1 + rest[i][1] for i, node in enumerate(template.nodes)]
    return Plan(
        template=template,
        steps=steps,
        answers=_possible_answers(template.nodes[-1].function.output, templates),
        wordings=tuple(parse_wording(text, template.domains, template.name) for text in template.texts),
        rest=rest,
        later=tuple(max(starts[i + 1 :], default=0) for i in range(len(starts))),
        must_matter=must_matter,
        pair=_pair(template),
    )


def _step(
    template: Template,
    i: int,
    where: dict[str, tuple[int, int]],
    matters: dict[int, int],
    *,
    can_be_idle: bool,
) -> Step:
    node = template.nodes[i]
    nulls = {constraint.slot for constraint in template.constraints if isinstance(constraint, Null)}
    output_differs, value_differs = [], []
    for constraint in template.constraints:
        if isinstance(constraint, OutputsDiffer) and max(constraint.first, constraint.second) == i:
            output_differs.append(min(constraint.first, constraint.second))
        if isinstance(constraint, ValuesDiffer):
            early, late = sorted((where[constraint.first], where[constraint.second]))
            if late[0] == i:
                value_differs.append((late[1], early[0], early[1]))
    return Step(
        name=node.name,
        inputs=node.inputs,
        rule=RULES.get(node.name),
        domains=node.function.slots,
        ending=node.name.rpartition("filter")[2].lstrip("_") if len(node.slots) > 1 else "",
        nulls=tuple(place for place, slot in enumerate(node.slots) if slot in nulls),
        not_empty=node.function.output is Type.OBJECT_SET
        and template.nodes[-1].function.output is Type.OBJECT,
        output_differs=tuple(output_differs),
        value_differs=tuple(value_differs),
        choice_matters=i in matters,
        in_value_constraint=any(
            i in (where[constraint.first][0], where[constraint.second][0])
            for constraint in template.constraints
            if isinstance(constraint, ValuesDiffer)
        ),
        open=tuple(sorted(_open(template, i))),
        situation=_situation(template, i, matters, can_be_idle=can_be_idle),
    )


def _choices_that_matter(
    template: Template, where: dict[str, tuple[int, int]], must_matter: frozenset[str]
) -> dict[int, int]:
    """Node to the first node after which its choice, and not only its output, makes no difference any more.

    That is so for the slots of a `NEQ`, and for every filter behind a node that must matter: the check for
    degenerate questions runs the finished program again without that node.
    """
    matters: dict[int, int] = {}
    for constraint in template.constraints:
        if isinstance(constraint, ValuesDiffer):
            ends = (where[constraint.first][0], where[constraint.second][0])
            matters[min(ends)] = max(*ends, matters.get(min(ends), 0))
            matters.setdefault(max(ends), max(ends))
    behind: set[int] = set()
    for i, node in enumerate(template.nodes):
        if node.name in must_matter or behind.intersection(node.inputs):
            behind.add(i)
            if node.slots and node.name != "relate":
                matters[i] = len(template.nodes)
    return matters


def _situation(
    template: Template, i: int, matters: dict[int, int], *, can_be_idle: bool
) -> Callable[[list[Any]], Any]:
    """A function from the list outputs + choices to what the rest of the search depends on after node i.

    That is node i's own output and any output or choice that a later node, a constraint or the check for
    degenerate questions (which runs everything behind a node that must matter again) still reads.
    """
    size = len(template.nodes)
    live = _open(template, i)
    for constraint in template.constraints:
        if isinstance(constraint, OutputsDiffer):
            early, late = sorted((constraint.first, constraint.second))
            if early <= i < late:
                live.add(early)
    if can_be_idle:
        live |= {j for j in range(i + 1) if template.nodes[j].function.output is Type.OBJECT_SET}
    live |= {size + j for j, until in matters.items() if j <= i < until}
    return itemgetter(*sorted(live))


def _open(template: Template, i: int) -> set[int]:
    """Node i, and the nodes before it that later ones read."""
    return {i} | {source for node in template.nodes[i + 1 :] for source in node.inputs if source <= i}


def _possible_answers(output: Type, templates: TemplateSet) -> tuple[Value, ...] | None:
    if output is Type.OBJECT:
        return None
    if output is Type.BOOL:
        return (True,) if templates.purpose.only_true else (True, False)
    if output is Type.INTEGER:
        return tuple(int(number) for number in ANSWER_CLASSES["number"])
    return templates.values[output.lower()]


def _pair(template: Template) -> tuple[dict[str, str], dict[str, str]] | None:
    """Attribute to slot of both descriptions, for templates with exactly the eight slots of two objects."""
    first = {"size": "<Z>", "color": "<C>", "material": "<M>", "shape": "<S>"}
    second = {attribute: slot.replace(">", "2>") for attribute, slot in first.items()}
    return (first, second) if set(template.domains) == {*first.values(), *second.values()} else None
