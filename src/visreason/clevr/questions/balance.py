"""Keeping families and answers in balance, window by window.

CLEVR's generator counts, within every 250 scenes, how often each family was used and each of its answers
given. A scene gets the families used least; an answer that is ahead of the others of its family is refused
for a while. Expressions that refer to an object are balanced within their scene: a family refers to one of
the objects referred to least so far, if it can.
"""

from collections.abc import Iterable, Sequence
from random import Random

from visreason.clevr.executor import Value
from visreason.clevr.questions.plan import Plan

WINDOW = 250
"""Scenes that share their counts: the unit that can be worked on by itself."""


class Balance:
    """The counts of one window.

    Args:
        plans: the families in play.
    """

    def __init__(self, plans: Iterable[Plan]) -> None:
        self._uses = {plan.template.family: 0 for plan in plans}
        self._answers: dict[int, dict[Value, int]] = {
            plan.template.family: dict.fromkeys(plan.answers or (), 0) for plan in plans
        }
        self._referred: list[int] = []

    def begin(self, objects: int) -> None:
        """Turn to the next scene, which has this many objects."""
        self._referred = [0] * objects

    def order(self, plans: Sequence[Plan], rng: Random) -> list[Plan]:
        """The families, least used first, those used equally often at random."""
        return sorted(plans, key=lambda plan: (self._uses[plan.template.family], rng.random()))

    def allowed(self, plan: Plan) -> frozenset[Value]:
        """The answers a question of this family may have now.

        With the counts c of the family's answers, answer a may come if c(a) <= 1.1 times the second largest
        count and c(a) <= 5 max(median, 5). So after its first "yes" a yes-no family has to come to a "no".
        """
        counts = self._answers[plan.template.family]
        ordered = sorted(counts.values())
        if len(ordered) < 2:
            return frozenset(counts)
        most = min(1.1 * ordered[-2], 5.0 * max(ordered[len(ordered) // 2], 5))
        return frozenset(answer for answer, count in counts.items() if count <= most)

    def welcome(self, plan: Plan) -> tuple[frozenset[Value], ...]:
        """What a text of this family should come to: one of the first set, or else one of the next.

        For a question that is an allowed answer; for an expression one of the objects that were referred to
        least in this scene, or else any other.
        """
        if plan.answers is not None:
            return (self.allowed(plan),)
        objects, least = range(len(self._referred)), min(self._referred, default=0)
        first = frozenset(i for i in objects if self._referred[i] == least)
        others = frozenset(objects) - first
        return (first, others) if others else (first,)

    def record(self, plan: Plan, answer: Value) -> None:
        """Count a question."""
        if plan.answers is None:
            self._referred[int(answer)] += 1
        else:
            self._answers[plan.template.family][answer] += 1

    def use(self, plan: Plan) -> None:
        """Count a use of a family on a scene."""
        self._uses[plan.template.family] += 1
