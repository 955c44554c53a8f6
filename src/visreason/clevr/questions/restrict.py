"""Which templates split rules leave, as far as a template shows it: its family, its depth, its relations."""

from visreason.clevr.attributes import RELATIONS
from visreason.clevr.questions.template import Null, Template, TemplateNode, TemplateSet
from visreason.clevr.rules import Depth, Relations, Rule, Rules
from visreason.errors import UsageError


def templates_within(templates: TemplateSet, rules: Rules) -> list[Template]:
    """The templates that can have an instance which obeys the rules.

    Raises:
        UsageError: a rule names a family that is not there, or none is left; says how many each rule leaves.

    Example:
        >>> from visreason.clevr.questions import own_templates
        >>> {template.file for template in templates_within(own_templates(), Rules.parse(["depth<=2"]))}
        {'zero_hop'}
    """
    known = frozenset(template.family for template in templates.templates)
    families = rules.families(known, templates.folder)
    asked = [template for template in templates.templates if template.family in families]
    left = [template for template in asked if all(can_obey(template, rule) for rule in rules.rules)]
    if not left:
        said = [f"{sum(can_obey(each, rule) for each in asked)} can obey {rule}" for rule in rules.rules]
        depths = [depth for template in asked for depth in depth_range(template)]
        raise UsageError(
            f"the rules leave nothing to ask: of {len(asked)} families, {', '.join(said)}, but none all of "
            f"them (the programs have depths {min(depths)} to {max(depths)}). Loosen one of the rules."
        )
    return left


def can_obey(template: Template, rule: Rule) -> bool:
    """Whether some instance of a template may obey a rule, as far as can be told without a scene."""
    if not rule.allows_family(template.family):
        return False
    if isinstance(rule, Depth):
        low, high = depth_range(template)
        return rule.least <= high and (rule.most is None or low <= rule.most)
    if isinstance(rule, Relations) and not rule.held_out:
        names = {node.name for node in template.nodes}
        spatial = any(name.startswith("relate") for name in names)
        return any(spatial if relation in RELATIONS else relation in names for relation, _ in rule.pairs)
    return True


def depth_range(template: Template) -> tuple[int, int]:
    """The least and the greatest depth (see `Depth`) that the programs of a template can have.

    Example:
        >>> from visreason.clevr.questions import own_templates
        >>> {depth_range(own_templates().templates[family]) for family in (84, 85)}
        {(2, 6)}
    """
    low: list[int] = []
    high: list[int] = []
    for node in template.nodes:
        least, most = _functions(node, template)
        low.append(least + max((low[source] for source in node.inputs), default=0))
        high.append(most + max((high[source] for source in node.inputs), default=0))
    return low[-1], high[-1]


def rests(template: Template) -> tuple[tuple[int, int], ...]:
    """For every node, the fewest and the most functions that follow it on the longest way to the end."""
    found = [(0, 0)] * len(template.nodes)
    for i in reversed(range(len(template.nodes))):
        least, most = _functions(template.nodes[i], template)
        for source in template.nodes[i].inputs:
            low, high = found[source]
            found[source] = max(low, found[i][0] + least), max(high, found[i][1] + most)
    return tuple(found)


def _functions(node: TemplateNode, template: Template) -> tuple[int, int]:
    """The fewest and the most functions that a node stands for, by which of its slots are filled."""
    steps = len(node.function.steps)
    if len(node.slots) <= 1:
        return steps, steps
    empty = {constraint.slot for constraint in template.constraints if isinstance(constraint, Null)}
    may_be_empty = [slot for slot in node.slots if template.domains[slot] != "relation"]
    return steps - len(may_be_empty), steps - len(empty.intersection(may_be_empty))
