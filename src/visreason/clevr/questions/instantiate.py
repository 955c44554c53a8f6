"""Filling the slots of a template on a scene: a depth-first search in random order.

The search goes through the template's nodes and tries their choices at random, as CLEVR's generator does,
with two differences that change its speed and not its outcome: sets of objects are bitmasks, and a partial
instance whose rest depends on nothing but a state that already failed is dropped at once (memoised dead
ends).
"""

from collections.abc import Collection, Iterable, Iterator
from random import Random
from typing import Any

from visreason.clevr.executor import Value, outputs
from visreason.clevr.masks import SceneMasks
from visreason.clevr.programs import Node, Program
from visreason.clevr.questions.options import SceneOptions
from visreason.clevr.questions.plan import Choice, Plan, Step
from visreason.clevr.questions.template import TemplateNode
from visreason.clevr.rules.guard import NO_TRAIL, Guard
from visreason.errors import ProgramError


def instantiate(
    plan: Plan, options: SceneOptions, allowed: Collection[Value], rng: Random
) -> tuple[tuple[Choice, ...], Value] | None:
    """A random instance of a template on a scene.

    Args:
        plan: the template, prepared.
        options: the scene, and the split rules that programs obey.
        allowed: the answers that would do, as the executor's values.
        rng: decides the order in which choices are tried.

    Returns:
        For each node what its slots say, and the answer; None when there is no well-posed, non-degenerate
        instance with an allowed answer that obeys the constraints.
    """
    search = _Search(plan, options, allowed, rng)
    if not search.fill(0):
        return None
    return tuple(search.state[len(plan.steps) :]), search.state[len(plan.steps) - 1]


def expand(nodes: tuple[TemplateNode, ...], choices: tuple[Choice, ...]) -> Program:
    """The program that a template's nodes stand for once their slots are filled.

    Example:
        >>> slots = ("<Z>", "<C>", "<M>", "<S>")
        >>> nodes = (TemplateNode("scene", (), ()), TemplateNode("filter_count", (0,), slots))
        >>> [node.function for node in expand(nodes, ((), (None, "red", None, "cube")))]
        ['scene', 'filter_color', 'filter_shape', 'count']
    """
    program: list[Node] = []
    ends: list[int] = []
    for node, choice in zip(nodes, choices, strict=True):
        inputs = tuple(ends[source] for source in node.inputs)
        for function, values in node.function.spell(choice):
            program.append(Node(function, inputs, values))
            inputs = (len(program) - 1,)
        ends.append(inputs[0])
    return tuple(program)


def is_degenerate(program: Program, masks: SceneMasks, must_matter: Collection[str] = ("relate",)) -> bool:
    """Whether a relation in the program is idle: with all objects in place of the related, the answer stays.

    Args:
        program: the finished program.
        masks: the scene.
        must_matter: the functions that may not be idle.

    With a cube and a ball right of it, "how many things are right of the cube?" needs the relation, as there
    are two things; "how many balls are right of the cube?" does not, as there is one ball.
    """
    answer = outputs(program, masks)[-1]
    for i, node in enumerate(program):
        if node.function in must_matter:
            try:
                if outputs((*program[:i], Node("scene"), *program[i + 1 :]), masks)[-1] == answer:
                    return True
            except ProgramError:
                continue
    return False


class _Search:
    """One search; `state` holds the outputs of the steps, then their choices.

    Where the options have a guard, `trails` holds what its rules need to know of each step, and two choices are
    the same only if both their outputs and their trails are.
    """

    def __init__(self, plan: Plan, options: SceneOptions, allowed: Collection[Value], rng: Random) -> None:
        self.state: list[Any] = [None] * len(plan.steps) + [()] * len(plan.steps)
        self.trails = [NO_TRAIL] * len(plan.steps)
        self._plan = plan
        self._options = options
        self._allowed = allowed
        self._rng = rng
        self._dead: set[Any] = set()
        self._degenerate = 0

    def fill(self, k: int) -> bool:
        """Fill the steps from k on; False when nothing fits."""
        if k == len(self._plan.steps):
            return self._is_acceptable()
        step = self._plan.steps[k]
        guard = self._options.guard
        candidates = self._candidates(step) if guard is None else self._told_apart(k, step, guard)
        for output, choices in candidates:
            if step.not_empty and output == 0:
                continue
            self.state[k] = output
            if step.output_differs and any(self.state[other] == output for other in step.output_differs):
                continue
            if step.choice_matters:
                done = self._fill_with_each(k, step, choices)
            else:
                self.state[len(self._plan.steps) + k] = choices[int(self._rng.random() * len(choices))]
                done = self._fill_rest(k, step)
            if done:
                return True
        return False

    def _candidates(self, step: Step) -> Iterable[tuple[Value, list[Choice]]]:
        """The outputs a step can have, each with the choices that lead to it."""
        if step.domains:
            return self._options.of(step, self.state[step.inputs[0]]).shuffled(self._rng)
        inputs = [self.state[source] for source in step.inputs]
        if step.rule is None or (step.name == "unique" and inputs[0].bit_count() != 1):
            return ()
        return ((step.rule(self._options.masks, inputs, ()), [()]),)

    def _told_apart(self, k: int, step: Step, guard: Guard) -> Iterator[tuple[Value, list[Choice]]]:
        """The candidates that break no rule, each with choices of one trail, which is kept."""
        before = tuple(self.trails[source] for source in step.inputs)
        rest = self._plan.rest[k]
        if step.domains:
            groups = self._options.told_apart(step, self.state[step.inputs[0]], before[0], rest[0])
            found = groups.shuffled(self._rng)
        else:
            function = self._plan.template.nodes[k].function
            trail = guard.along(function.spell(()), before)
            going_on = guard.may_go_on(trail, rest[0])
            found = (((output, trail), choices) for output, choices in self._candidates(step) if going_on)
        for (output, trail), choices in found:
            self.trails[k] = trail
            reach = max(self.trails[j].depth + self._plan.rest[j][1] for j in step.open)
            if guard.may_reach(max(reach, self._plan.later[k])):
                yield output, choices

    def _fill_with_each(self, k: int, step: Step, choices: list[Choice]) -> bool:
        """Try the choices with one output singly, until it is clear that the choice makes no difference."""
        waiting = list(choices)
        while waiting:
            choice = waiting.pop(int(self._rng.random() * len(waiting)))
            self.state[len(self._plan.steps) + k] = choice
            if any(self._is_same_word(choice[place], j, there) for place, j, there in step.value_differs):
                continue
            before = self._degenerate
            if self._fill_rest(k, step):
                return True
            if self._degenerate == before and not step.in_value_constraint:
                return False
        return False

    def _is_same_word(self, word: str | None, earlier: int, place: int) -> bool:
        return word is not None and self.state[len(self._plan.steps) + earlier][place] == word

    def _fill_rest(self, k: int, step: Step) -> bool:
        """Fill the steps after k, unless the same situation has already turned out to lead nowhere."""
        situation: tuple[Any, ...] = (k, step.situation(self.state))
        if self._options.guard is not None:
            situation += tuple(self.trails[j] for j in step.open)
        if situation in self._dead:
            return False
        if self.fill(k + 1):
            return True
        self._dead.add(situation)
        return False

    def _is_acceptable(self) -> bool:
        size = len(self._plan.steps)
        if self.state[size - 1] not in self._allowed:
            return False
        if self._options.guard is not None and not self._options.guard.accepts(self.trails[-1]):
            return False
        if self._plan.must_matter:
            program = expand(self._plan.template.nodes, tuple(self.state[size:]))
            if is_degenerate(program, self._options.masks, self._plan.must_matter):
                self._degenerate += 1
                return False
        return True
