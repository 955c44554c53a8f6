"""From a program to words: every way in which the templates can ask for it."""

from collections.abc import Iterator, Mapping
from random import Random

from visreason.clevr.programs import Program
from visreason.clevr.questions.folder import own_templates
from visreason.clevr.questions.plan import Choice, Plan, make_plan
from visreason.clevr.questions.template import Template, TemplateNode, TemplateSet
from visreason.clevr.questions.wording import UNSHAPED, Wording, is_surely_another, say

_ROUNDS = 6
"""So often every wording is tried with other synonyms."""


def put_into_words(
    plan: Plan,
    choices: tuple[Choice, ...],
    synonyms: Mapping[str, tuple[str, ...]],
    rng: Random,
    wording: Wording | None = None,
) -> str:
    """A sentence for a filled template.

    Args:
        plan: the template, prepared.
        choices: for each of its nodes what its slots say.
        synonyms: a word to the words it may be said with.
        rng: picks synonyms, wording and optional parts.
        wording: the one to use; None picks one.
    """
    chosen: dict[str, str | None] = {}
    for node, choice in zip(plan.template.nodes, choices, strict=True):
        chosen.update(zip(node.slots, choice, strict=True))
    words = {}
    for slot, domain in plan.template.domains.items():
        word = chosen[slot] or (UNSHAPED if domain == "shape" else "")
        ways = synonyms.get(word, (word,))
        words[slot] = ways[int(rng.random() * len(ways))]
    surely_another = plan.pair is not None and is_surely_another(
        *({name: chosen[slot] for name, slot in slots.items()} for slots in plan.pair)
    )
    if wording is None:
        wording = plan.wordings[int(rng.random() * len(plan.wordings))]
    return say(wording, words, rng, drop_other=surely_another)


class Phraser:
    """Puts programs into the words of a set of templates; the other direction of the question engine.

    Args:
        templates: of questions; None is `own_templates()`.

    Example:
        >>> from visreason.clevr.program_forms import from_prefix
        >>> next(Phraser().phrasings(from_prefix(("count", "filter_shape[cube]", "filter_color[red]", "scene"))))
        'There are how many red blocks?'
    """

    def __init__(self, templates: TemplateSet | None = None) -> None:
        self.templates = own_templates() if templates is None else templates
        self._plans: dict[str, list[Plan]] = {}
        for template in self.templates.templates:
            last = template.nodes[-1].function.steps[-1]
            self._plans.setdefault(last, []).append(make_plan(template, self.templates))

    def phrasings(self, program: Program, seed: int = 0) -> Iterator[str]:
        """Different sentences that ask for a program, every wording before any comes again with other synonyms.

        Constraints of templates, which keep questions from being trivial, are not looked at.

        Args:
            program: any; one that no template has the form of has no sentence.
            seed: with the program decides the order.
        """
        plans = self._plans.get(program[-1].function, ())
        fitting = [(plan, choices) for plan in plans if (choices := fill(plan.template, program)) is not None]
        ways = [(plan, choices, wording) for plan, choices in fitting for wording in plan.wordings]
        rng = Random(f"{seed}/{program}")
        said = set[str]()
        for _ in range(_ROUNDS):
            for plan, choices, wording in rng.sample(ways, len(ways)):
                text = put_into_words(plan, choices, self.templates.synonyms, rng, wording)
                if text not in said:
                    said.add(text)
                    yield text


def fill(template: Template, program: Program) -> tuple[Choice, ...] | None:
    """What the slots of a template must say for it to stand for a program; None where it cannot.

    The inverse of `visreason.clevr.questions.instantiate.expand`, but for the order of filters.
    """
    choices: dict[int, Choice] = {}
    waiting = [(len(template.nodes) - 1, len(program) - 1)]
    while waiting:
        place, node = waiting.pop()
        found = _fill_node(template.nodes[place], program, node)
        if found is None or choices.setdefault(place, found[0]) != found[0]:
            return None
        waiting += zip(template.nodes[place].inputs, found[1], strict=True)
    return tuple(choices[place] for place in range(len(template.nodes)))


def _fill_node(node: TemplateNode, program: Program, end: int) -> tuple[Choice, tuple[int, ...]] | None:
    """What the slots of one node say where it ends in a program's node, and the program's nodes that it reads."""
    steps = list(node.function.steps)
    may_be_left_out = {step for step in steps if step.startswith("filter_")} if len(node.slots) > 1 else set()
    said: dict[str, str] = {}
    inputs: tuple[int, ...] = (end,)
    while steps:
        group = {steps.pop()}
        while steps and group <= may_be_left_out and steps[-1] in may_be_left_out:
            group.add(steps.pop())
        optional = group <= may_be_left_out
        while group and len(inputs) == 1 and program[inputs[0]].function in group:
            found = program[inputs[0]]
            group.discard(found.function)
            said[found.function], inputs = "".join(found.values), found.inputs
        if group and not optional:
            return None
    if len(inputs) != len(node.inputs):
        return None
    slotted = [step for step in node.function.steps if step == "relate" or step.startswith("filter_")]
    return tuple(said.get(step) for step in slotted), inputs
