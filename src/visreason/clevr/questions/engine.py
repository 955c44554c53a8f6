"""The question engine: questions with programs and true answers for any scenes.

After the generator of CLEVR v1.0 (Johnson et al., "CLEVR: A Diagnostic Dataset for Compositional Language and
Elementary Visual Reasoning", CVPR 2017): a question family is an abstract program with several wordings;
filling its slots on a scene by search gives a question, its program and its answer, and counting keeps
families and answers in balance.

What is different here. Families that are used equally often take turns at random, so an image gets ten
questions of mixed kinds, as in the released data (the generator gives it neighbours from one file). CLEVR's
families 0 to 2 (is the number of X equal to, less than, greater than the number of Y) require the two
*counts* to differ, so that family 0 can only be answered "no": our templates require the two *sets* to
differ, by the same constraint on other nodes, and are answered both ways. A user's templates, the official
ones too, are taken at their word.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice
from random import Random
from typing import Any

from visreason.clevr.answers import normalise_answer
from visreason.clevr.masks import SceneMasks
from visreason.clevr.question import Question
from visreason.clevr.questions.balance import WINDOW, Balance
from visreason.clevr.questions.folder import own_templates
from visreason.clevr.questions.instantiate import expand, instantiate
from visreason.clevr.questions.options import SceneOptions
from visreason.clevr.questions.plan import Choice, Plan, make_plan
from visreason.clevr.questions.template import TemplateSet
from visreason.clevr.questions.wording import UNSHAPED, is_surely_another, say
from visreason.clevr.scene import Scene
from visreason.errors import UsageError


class QuestionEngine:
    """Makes questions about scenes; the same ones for the same seed and scenes, in however many processes.

    Args:
        templates: what to ask; None is `own_templates()`, a user's folder comes through `read_templates`.
        seed: with the split and the window's number, decides everything random.
        families: the global numbers of the only families to use; None is all.

    Raises:
        UsageError: a family that the templates do not have, or none at all.

    Example:
        >>> from visreason.clevr.sampling import sample_scene, scene_rng
        >>> scene = sample_scene(scene_rng(0, "val", 0), 0, "val")
        >>> questions = list(QuestionEngine(seed=0).generate([scene]))
        >>> len(questions), questions[0].text.endswith("?")
        (10, True)
    """

    def __init__(
        self, templates: TemplateSet | None = None, seed: int = 0, *, families: Collection[int] | None = None
    ) -> None:
        self.templates = own_templates() if templates is None else templates
        self.seed = seed
        known = {template.family for template in self.templates.templates}
        wanted = known if families is None else set(families)
        if not wanted or not wanted <= known:
            raise UsageError(
                f"{self.templates.folder} has the families 0 to {max(known)}; "
                f"asked for {sorted(wanted - known) or 'none'}."
            )
        self.plans = [
            make_plan(template, self.templates)
            for template in self.templates.templates
            if template.family in wanted
        ]

    def generate(
        self, scenes: Iterable[Scene], questions_per_scene: int = 10, instances_per_template: int = 1
    ) -> Iterator[Question]:
        """Questions about scenes, in the order of the scenes, numbered from 0.

        Args:
            scenes: all scenes of one split.
            questions_per_scene: how many each scene gets, if so many well-posed ones are found.
            instances_per_template: how many of them may be of one family.

        Raises:
            UsageError: more questions a scene than the families can give.
        """
        windows = iter(scenes)
        index = number = 0
        while window := list(islice(windows, WINDOW)):
            for question in self.generate_window(window, number, questions_per_scene, instances_per_template):
                yield replace(question, index=index)
                index += 1
            number += 1

    def generate_window(
        self,
        scenes: Sequence[Scene],
        window: int,
        questions_per_scene: int = 10,
        instances_per_template: int = 1,
    ) -> list[Question]:
        """The questions of one window: scenes `250 * window` to `250 * window + 249` of a split.

        Windows know nothing of each other, so they may be worked on in any order and in different processes.
        A question's index counts within the window; `generate` numbers them on.

        Raises:
            UsageError: more questions a scene than the families can give, or more scenes than a window holds.
        """
        if questions_per_scene > len(self.plans) * instances_per_template:
            raise UsageError(
                f"{questions_per_scene} questions a scene from {len(self.plans)} families with at most "
                f"{instances_per_template} of each: ask for fewer questions or more instances of a family."
            )
        if len(scenes) > WINDOW:
            raise UsageError(f"a window has at most {WINDOW} scenes, got {len(scenes)}.")
        split = scenes[0].split if scenes else ""
        rng = Random(f"questions/{self.seed}/{split}/{window}")
        asking = _Window(self, rng, questions_per_scene, instances_per_template)
        for scene in scenes:
            asking.ask_about(scene)
        return asking.questions

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel to another process as templates and seed; the plans are made again there."""
        families = [plan.template.family for plan in self.plans]
        return partial(QuestionEngine, families=families), (self.templates, self.seed)


class _Window:
    """The making of one window's questions: its randomness, its counts, and what was asked so far."""

    def __init__(self, engine: QuestionEngine, rng: Random, per_scene: int, instances: int) -> None:
        self.questions: list[Question] = []
        self._plans = engine.plans
        self._templates = engine.templates
        self._rng = rng
        self._per_scene = per_scene
        self._instances = instances
        self._balance = Balance(engine.plans)

    def ask_about(self, scene: Scene) -> None:
        """Add the questions about one scene: those of the least used families that can be asked about it."""
        options = SceneOptions(SceneMasks(scene), self._templates.values, self._rng)
        end = len(self.questions) + self._per_scene
        for plan in self._balance.order(self._plans, self._rng):
            before = len(self.questions)
            if before == end:
                return
            self._ask(plan, scene, options, min(self._instances, end - before))
            if len(self.questions) > before:
                self._balance.use(plan)

    def _ask(self, plan: Plan, scene: Scene, options: SceneOptions, wanted: int) -> None:
        """Add up to `wanted` different questions of one family."""
        programs = set()
        for _ in range(wanted):
            found = instantiate(plan, options, self._balance.allowed(plan), self._rng)
            if found is None:
                return
            choices, answer = found
            program = expand(plan.template.nodes, choices)
            if program in programs:
                continue
            programs.add(program)
            self._balance.record(plan, answer)
            self.questions.append(
                Question(
                    text=self._word(plan, choices),
                    answer=normalise_answer(answer),
                    program=program,
                    family=plan.template.family,
                    index=len(self.questions),
                    image_index=scene.image_index,
                    image_filename=scene.image_filename,
                    split=scene.split,
                    template=plan.template.name,
                )
            )

    def _word(self, plan: Plan, choices: tuple[Choice, ...]) -> str:
        """A sentence for a filled template."""
        chosen: dict[str, str | None] = {}
        for node, choice in zip(plan.template.nodes, choices, strict=True):
            chosen.update(zip(node.slots, choice, strict=True))
        words = {}
        for slot, domain in plan.template.domains.items():
            word = chosen[slot] or (UNSHAPED if domain == "shape" else "")
            ways = self._templates.synonyms.get(word, (word,))
            words[slot] = ways[int(self._rng.random() * len(ways))]
        surely_another = plan.pair is not None and is_surely_another(
            *({name: chosen[slot] for name, slot in slots.items()} for slots in plan.pair)
        )
        wording = plan.wordings[int(self._rng.random() * len(plan.wordings))]
        return say(wording, words, self._rng, drop_other=surely_another)
