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

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice
from random import Random
from typing import Any

from visreason.clevr.answers import normalise_answer
from visreason.clevr.executor import Value
from visreason.clevr.masks import SceneMasks
from visreason.clevr.programs import Program
from visreason.clevr.question import Question
from visreason.clevr.questions.balance import WINDOW, Balance
from visreason.clevr.questions.folder import own_templates
from visreason.clevr.questions.instantiate import expand, instantiate
from visreason.clevr.questions.options import SceneOptions
from visreason.clevr.questions.phrasing import put_into_words
from visreason.clevr.questions.plan import Choice, Plan, make_plan
from visreason.clevr.questions.purpose import QUESTIONS
from visreason.clevr.questions.restrict import templates_within
from visreason.clevr.questions.template import TemplateSet
from visreason.clevr.rules import NO_RULES, Rules
from visreason.clevr.scene import Scene
from visreason.errors import UsageError


class QuestionEngine:
    """Makes questions about scenes; the same ones for the same seed and scenes, in however many processes.

    Args:
        templates: what to ask; None is `own_templates()`, a user's folder comes through `read_templates`.
            `referring_templates()` and `caption_templates()` make no questions but expressions that refer to
            an object (the output of their program, they have no answer) and true statements (the answer is
            "yes"), in the same form.
        seed: with the split and the window's number, decides everything random.
        rules: what is asked, of all that could be. Rules about question families do not concern other texts.

    Raises:
        UsageError: a rule names a family that the templates do not have, or the rules leave none.

    Example:
        >>> from visreason.clevr.sampling import sample_scene, scene_rng
        >>> scene = sample_scene(scene_rng(0, "val", 0), 0, "val")
        >>> questions = list(QuestionEngine(seed=0).generate([scene]))
        >>> len(questions), questions[0].text.endswith("?")
        (10, True)
    """

    def __init__(
        self, templates: TemplateSet | None = None, seed: int = 0, *, rules: Rules = NO_RULES
    ) -> None:
        self.templates = own_templates() if templates is None else templates
        self.seed = seed
        self.rules = rules if self.templates.purpose == QUESTIONS else rules.without_families()
        self.guard = self.rules.guard()
        asked = templates_within(self.templates, self.rules)
        self.plans = [make_plan(template, self.templates) for template in asked]

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
                f"{questions_per_scene} {self.templates.purpose.texts} a scene from {len(self.plans)} families "
                f"with at most {instances_per_template} of each: ask for fewer, or more instances of a family"
                f"{f', or loosen the rules ({self.rules})' if self.rules else ''}."
            )
        if len(scenes) > WINDOW:
            raise UsageError(f"a window has at most {WINDOW} scenes, got {len(scenes)}.")
        split = scenes[0].split if scenes else ""
        rng = Random(f"{self.templates.purpose.name}/{self.seed}/{split}/{window}")
        asking = _Window(self, rng, questions_per_scene, instances_per_template)
        for scene in scenes:
            asking.ask_about(scene)
        return asking.questions

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel to another process as templates, seed and rules; the plans are made again there."""
        return partial(QuestionEngine, rules=self.rules), (self.templates, self.seed)


class _Window:
    """The making of one window's questions: its randomness, its counts, and what was asked so far."""

    def __init__(self, engine: QuestionEngine, rng: Random, per_scene: int, instances: int) -> None:
        self.questions: list[Question] = []
        self._plans = engine.plans
        self._templates = engine.templates
        self._guard = engine.guard
        self._rng = rng
        self._per_scene = per_scene
        self._instances = instances
        self._balance = Balance(engine.plans)
        self._asked: set[Program] = set()

    def ask_about(self, scene: Scene) -> None:
        """Add the questions about one scene: those of the least used families that can be asked about it."""
        purpose = self._templates.purpose
        values, share = self._templates.values, purpose.trivial_share
        options = SceneOptions(SceneMasks(scene), values, self._rng, share, self._guard)
        self._balance.begin(len(scene.objects))
        self._asked = set()
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
        for _ in range(wanted):
            found = self._instance(plan, options)
            if found is None:
                return
            choices, answer = found
            program = expand(plan.template.nodes, choices)
            if program in self._asked:
                continue
            self._asked.add(program)
            self._balance.record(plan, answer)
            self.questions.append(
                Question(
                    text=put_into_words(plan, choices, self._templates.synonyms, self._rng),
                    answer=None if plan.answers is None else normalise_answer(answer),
                    program=program,
                    family=plan.template.family,
                    index=len(self.questions),
                    image_index=scene.image_index,
                    image_filename=scene.image_filename,
                    split=scene.split,
                    template=plan.template.name,
                )
            )

    def _instance(self, plan: Plan, options: SceneOptions) -> tuple[tuple[Choice, ...], Value] | None:
        """An instance of a family with an answer that is welcome now, or else with one that would do."""
        for allowed in self._balance.welcome(plan):
            if (found := instantiate(plan, options, allowed, self._rng)) is not None:
                return found
        return None
