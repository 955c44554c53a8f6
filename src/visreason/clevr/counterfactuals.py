"""Minimal pairs: a question asked of a scene and of the same scene with one object edited.

Either the edit must change the answer, or it must not; both are made equally often for every type of
question. A model that reasons gets both sides right; one that goes by what a question is usually answered
cannot follow the change. After the contrast sets of Gardner et al., "Evaluating Models' Local Decision
Boundaries via Contrast Sets", Findings of EMNLP 2020 (https://arxiv.org/abs/2004.02709), with the oracle in
the place of annotators.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from visreason.clevr.counterfactual_edits import EDITS, Edit, apply_edit, propose_edits, shows_all
from visreason.clevr.executor import execute
from visreason.clevr.masks import SceneMasks
from visreason.clevr.programs import question_type
from visreason.clevr.question import Question
from visreason.clevr.scene import Scene
from visreason.errors import DataError, ProgramError, UsageError


@dataclass(frozen=True, slots=True)
class MinimalPair:
    """One question about two scenes that differ in one object.

    Attributes:
        question: as it was asked of the original scene.
        edit: what was done.
        scene: the edited scene; image index, file name and split are still those of the original.
        before, after: the true answers on the original and on the edited scene.
    """

    question: Question
    edit: Edit
    scene: Scene
    before: str
    after: str

    @property
    def changes(self) -> bool:
        """Whether the edit changes the answer."""
        return self.before != self.after


def minimal_pairs(
    asked: Iterable[tuple[Scene, Sequence[Question]]],
    per_scene: int,
    rng: np.random.Generator,
    *,
    min_objects: int = 3,
    max_objects: int = 10,
    allowed: Callable[[Scene], bool] = lambda scene: True,
) -> Iterator[MinimalPair]:
    """Make minimal pairs of scenes and the questions about them.

    A scene's questions are taken in turn, in random order; its pairs then follow the order of the questions.
    What a question gets is what was needed most so far: of its type an answer that changes or one that stays,
    by the kind of edit used least for that. So each type of question is as frequent among the pairs that
    change as among those that do not, and kinds of edit are as even as the questions allow.

    Args:
        asked: scenes, each with its questions, which need programs.
        per_scene: how many pairs are made of each scene, if so many are found.
        rng: decides everything random.
        min_objects, max_objects: how few and how many objects an edited scene may have.
        allowed: which edited scenes may be; every one is valid in CLEVR's world already.

    Raises:
        UsageError: fewer than one pair a scene.
        DataError: a question has no program.
        ProgramError: a question is ill-posed on its own scene; names both.

    Example:
        >>> from visreason.clevr.questions import QuestionEngine
        >>> from visreason.clevr.sampling import sample_scene, scene_rng
        >>> scene = sample_scene(scene_rng(0, "val", 0), 0, "val")
        >>> questions = list(QuestionEngine().generate([scene]))
        >>> pairs = list(minimal_pairs([(scene, questions)], 4, np.random.default_rng(0)))
        >>> [pair.changes for pair in pairs].count(True)
        2
    """
    if per_scene < 1:
        raise UsageError(f"a scene needs at least one minimal pair; asked for {per_scene}.")
    search = _Search(rng, min_objects, max_objects, allowed)
    for scene, questions in asked:
        yield from search.pairs_of(scene, questions, per_scene)


def changing_edits(
    scene: Scene,
    question: Question,
    rng: np.random.Generator,
    *,
    min_objects: int = 1,
    max_objects: int = 10,
) -> Iterator[MinimalPair]:
    """What would change the answer: of each kind of edit the first one found after which it is another.

    Args:
        scene: the scene.
        question: about it, with its program.
        rng: decides the order in which edits are tried.
        min_objects, max_objects: how few and how many objects an edited scene may have.

    Raises:
        DataError: the question has no program.
        ProgramError: the question is ill-posed on the scene.

    Example:
        >>> from visreason.clevr.questions import QuestionEngine
        >>> from visreason.clevr.sampling import sample_scene, scene_rng
        >>> scene = sample_scene(scene_rng(0, "val", 0), 0, "val")
        >>> question = next(QuestionEngine().generate([scene]))
        >>> all(pair.changes for pair in changing_edits(scene, question, np.random.default_rng(0)))
        True
    """
    before = _true_answer(question, SceneMasks(scene))
    for kind in EDITS:
        pairs = _pairs(kind, scene, question, before, rng, min_objects, max_objects)
        changing = (pair for pair in pairs if pair.changes and shows_all(pair.scene, pair.edit))
        yield from islice(changing, 1)


def _pairs(
    kind: str,
    scene: Scene,
    question: Question,
    before: str,
    rng: np.random.Generator,
    min_objects: int,
    max_objects: int,
) -> Iterator[MinimalPair]:
    """All pairs of a question by one kind of edit on which it is well-posed; what is visible is not yet checked."""
    for edit in propose_edits(kind, scene, rng, min_objects, max_objects):
        edited = apply_edit(scene, edit)
        after = _answer(question, edited)
        if after is not None:
            yield MinimalPair(question, edit, edited, before, after)


class _Search:
    """The making of pairs: its randomness, its limits, and what was made so far.

    Pairs are counted by question type and by kind of edit, each with whether the answer changes.
    """

    def __init__(
        self, rng: np.random.Generator, min_objects: int, max_objects: int, allowed: Callable[[Scene], bool]
    ) -> None:
        self._rng = rng
        self._limits = (min_objects, max_objects)
        self._allowed = allowed
        self._made: Counter[tuple[str, bool]] = Counter()

    def pairs_of(self, scene: Scene, questions: Sequence[Question], wanted: int) -> list[MinimalPair]:
        """Up to `wanted` different pairs of one scene, in the order of its questions."""
        masks = SceneMasks(scene)
        pairs: list[tuple[int, MinimalPair]] = []
        turns: list[int] = self._rng.permutation(len(questions)).tolist()
        rounds = -(-wanted // max(1, len(turns))) + 1
        for turn in turns * rounds:
            if len(pairs) == wanted:
                break
            question = questions[turn]
            known = [pair.edit for other, pair in pairs if other == turn]
            if (pair := self._pair(scene, question, _true_answer(question, masks), known)) is not None:
                pairs.append((turn, pair))
        return [pair for _, pair in sorted(pairs, key=lambda one: one[0])]

    def _pair(
        self, scene: Scene, question: Question, before: str, known: Collection[Edit]
    ) -> MinimalPair | None:
        """A pair of one question, by the kind of edit that was made least among those that can be found."""
        asks = question_type(question.program or ())
        balance = self._made[asks, True] - self._made[asks, False]
        changes = balance < 0 or (balance == 0 and self._rng.random() < 0.5)
        order = self._rng.permutation(len(EDITS)).tolist()
        for kind in sorted((EDITS[i] for i in order), key=lambda kind: self._made[kind, changes]):
            for pair in _pairs(kind, scene, question, before, self._rng, *self._limits):
                if pair.changes != changes or pair.edit in known:
                    continue
                if self._allowed(pair.scene) and shows_all(pair.scene, pair.edit):
                    self._made.update(((asks, changes), (kind, changes)))
                    return pair
        return None


def _true_answer(question: Question, masks: SceneMasks) -> str:
    """The oracle's answer on the original scene."""
    where = f"question {question.index} about {question.image_filename}"
    if question.program is None:
        raise DataError(f"{where} has no program, so nothing is known of its answer on an edited scene.")
    try:
        return execute(question.program, masks)
    except ProgramError as error:
        raise ProgramError(f"{where}: {error}") from None


def _answer(question: Question, edited: Scene) -> str | None:
    """The oracle's answer on an edited scene, or None where the question is ill-posed on it."""
    assert question.program is not None
    try:
        return execute(question.program, edited)
    except ProgramError:
        return None
