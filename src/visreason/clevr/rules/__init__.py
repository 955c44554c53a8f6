"""Split rules: which scenes and questions a world may hold, as `generate --only` takes them."""

from visreason.clevr.rules.kinds import Cogent, Depth, Families, ObjectCount, Pairs, Relations, Rule
from visreason.clevr.rules.parsing import parse_rule
from visreason.clevr.rules.rule_set import NO_RULES, Rules

__all__ = [
    "NO_RULES",
    "Cogent",
    "Depth",
    "Families",
    "ObjectCount",
    "Pairs",
    "Relations",
    "Rule",
    "Rules",
    "parse_rule",
]
