"""Several rules together: all of them hold."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import product

from visreason.clevr.attributes import ATTRIBUTES
from visreason.clevr.question import Question
from visreason.clevr.rules.guard import Guard, guard_of
from visreason.clevr.rules.kinds import Cogent, Families, ObjectCount, Pairs, Rule
from visreason.clevr.rules.parsing import parse_rule
from visreason.clevr.sampling import AttributeRule, Attributes, SceneRule
from visreason.clevr.scene import Scene
from visreason.errors import UsageError

_CLEVR_COUNTS = (3, 10)
_EVERY_OBJECT = tuple(Attributes(*words) for words in product(*ATTRIBUTES.values()))


@dataclass(frozen=True, slots=True)
class Rules:
    """What a world is restricted to; without any rule, CLEVR as it is.

    Attributes:
        rules: in the order of their texts, each once, so that the order they were given in does not matter.

    Raises:
        UsageError: the rules leave no number of objects, or no object; says which rule leaves how many.

    Example:
        >>> rules = Rules.parse(["objects=3-6", "cogent=A"])
        >>> rules.texts(), rules.counts
        (['cogent=A', 'objects=3-6'], (3, 6))
    """

    rules: tuple[Rule, ...] = ()

    def __post_init__(self) -> None:
        ordered = {str(rule): rule for rule in sorted(self.rules, key=str)}
        object.__setattr__(self, "rules", tuple(ordered.values()))
        self._check_counts()
        self._check_objects()

    @classmethod
    def parse(cls, texts: Iterable[str]) -> "Rules":
        """Rules from their texts.

        Raises:
            UsageError: a text is no rule, or the rules leave nothing.
        """
        return cls(tuple(map(parse_rule, texts)))

    def texts(self) -> list[str]:
        """The rules as `parse` reads them."""
        return [str(rule) for rule in self.rules]

    def __bool__(self) -> bool:
        return bool(self.rules)

    def __str__(self) -> str:
        return ", ".join(self.texts()) or "none"

    @property
    def counts(self) -> tuple[int, int]:
        """The fewest and the most objects of a scene; CLEVR's 3 to 10 where no rule tells."""
        ranges = [rule for rule in self.rules if isinstance(rule, ObjectCount)]
        if not ranges:
            return _CLEVR_COUNTS
        return max(rule.least for rule in ranges), min(rule.most for rule in ranges)

    @property
    def object_rule(self) -> AttributeRule | None:
        """Which objects may occur; None where all may."""
        return self.allows_object if any(isinstance(rule, Cogent | Pairs) for rule in self.rules) else None

    @property
    def scene_rule(self) -> SceneRule | None:
        """Which objects may make a scene together; None where any may."""
        asking = any(isinstance(rule, Pairs) and not rule.held_out for rule in self.rules)
        return self.allows_scene if asking else None

    def allows_object(self, thing: Attributes) -> bool:
        """Whether every rule allows an object."""
        return all(rule.allows_object(thing) for rule in self.rules)

    def allows_scene(self, things: Sequence[Attributes]) -> bool:
        """Whether every rule allows these objects together."""
        return all(rule.allows_scene(things) for rule in self.rules)

    def families(self, known: Collection[int], folder: str) -> frozenset[int]:
        """Those of the known question families that may be asked.

        Args:
            known: the global numbers there are.
            folder: what to call their templates in an error.

        Raises:
            UsageError: a rule names a family that is not known, or none is left.
        """
        asked = frozenset(known)
        for rule in self.rules:
            if isinstance(rule, Families):
                if strange := rule.numbers - frozenset(known):
                    raise UsageError(
                        f"{folder} has the families 0 to {max(known)}; {rule} asks for {min(strange)}."
                    )
                asked = frozenset(filter(rule.allows_family, asked))
        if not asked:
            raise UsageError(f"no question family is left: the rules are {self}, of {len(known)} families.")
        return asked

    def guard(self) -> Guard | None:
        """What watches over programs; None where no rule is about them."""
        return guard_of(self.rules)

    def without_families(self) -> "Rules":
        """The rules without those that name question families: referring expressions have others."""
        return Rules(tuple(rule for rule in self.rules if not isinstance(rule, Families)))

    def broken_by_scene(self, scene: Scene) -> list[Rule]:
        """The rules that a scene breaks.

        Example:
            >>> from visreason.clevr.sampling import sample_scene, scene_rng
            >>> scene = sample_scene(scene_rng(0, "val", 0), 0, "val", 4, 4)
            >>> [str(rule) for rule in Rules.parse(["objects=5-6"]).broken_by_scene(scene)]
            ['objects=5-6']
        """
        things = [Attributes(*(getattr(thing, name) for name in ATTRIBUTES)) for thing in scene.objects]
        return [
            rule
            for rule in self.rules
            if not rule.allows_scene(things) or not all(map(rule.allows_object, things))
        ]

    def broken_by_question(self, question: Question, guard: Guard | None) -> list[Rule]:
        """The rules that a question breaks.

        Args:
            question: with its family and program, where it has them.
            guard: that of `guard`, made once for many questions.
        """
        broken = [rule for rule in self.rules if not rule.allows_family(question.family)]
        if guard is not None and question.program is not None:
            broken += guard.broken_by(question.program)
        return broken

    def _check_counts(self) -> None:
        least, most = self.counts
        if least > most:
            ranges = [str(rule) for rule in self.rules if isinstance(rule, ObjectCount)]
            raise UsageError(f"no number of objects is left: {' and '.join(ranges)} contradict each other.")

    def _check_objects(self) -> None:
        """Raise where no object is left, or none that a rule asks every scene to have."""
        left = list(filter(self.allows_object, _EVERY_OBJECT))
        starving = [
            rule
            for rule in self.rules
            if not any(rule.allows_scene([thing] * self.counts[0]) for thing in left)
        ]
        if left and not starving:
            return
        said = [
            f"{rule} leaves {sum(map(rule.allows_object, _EVERY_OBJECT))}"
            for rule in self.rules
            if isinstance(rule, Cogent | Pairs) and not all(map(rule.allows_object, _EVERY_OBJECT))
        ]
        what = f"{starving[0]} asks every scene for one that none of them is" if left else "no object is left"
        raise UsageError(
            f"the rules leave nothing to generate: {what}. Of the {len(_EVERY_OBJECT)} kinds of objects, "
            f"{', '.join(said)}, all rules together {len(left)}. Loosen one of them."
        )


NO_RULES = Rules()
"""CLEVR as it is."""
