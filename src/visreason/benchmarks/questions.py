"""How fast questions are made on one core, and how well families and answers are balanced."""

import time
from collections import Counter
from collections.abc import Sequence

from visreason.benchmarks.row import Row
from visreason.clevr.families import FAMILY_TOTAL
from visreason.clevr.programs import question_type
from visreason.clevr.question import Question
from visreason.clevr.questions import WINDOW, QuestionEngine
from visreason.clevr.sampling import sample_scene, scene_rng

SCENES = 2 * WINDOW
"""Two balancing windows: 5,000 questions."""

OFFICIAL_SHARES = {
    "count": 0.237,
    "exist": 0.138,
    "query": 0.36,
    "equal attribute": 0.176,
    "compare integer": 0.089,
}
"""Share of each kind of question in the output of CLEVR's generator (1,000 questions)."""


def run(scenes: int = SCENES) -> list[Row]:
    """Ask ten questions about each of `scenes` fresh scenes, in this process alone.

    Returns:
        Questions per second of processor time; the number of families and the least and most questions of
        one; the share of each kind of question; of "yes" among yes-no questions and in family 0, which
        CLEVR's own generator answers with "no" only; the mean length of questions in words and of programs in
        nodes.

    Example:
        >>> {row.name: row.value for row in run(scenes=25)}["questions.families"]
        90.0
    """
    sampled = [sample_scene(scene_rng(0, "val", i), i, "val") for i in range(scenes)]
    engine = QuestionEngine(seed=0)
    start = time.process_time()
    questions = list(engine.generate(sampled))
    seconds = time.process_time() - start
    return [
        Row(name="questions.speed", value=len(questions) / seconds, unit="questions/s"),
        *_family_rows(questions),
        *_kind_rows(questions),
        *_length_rows(questions),
    ]


def _family_rows(questions: Sequence[Question]) -> list[Row]:
    counts = Counter(question.family for question in questions)
    yes_no = [question for question in questions if question.answer in ("yes", "no")]
    return [
        Row(name="questions.families", value=float(len(counts)), unit=f"of {FAMILY_TOTAL}"),
        Row(name="questions.least-of-a-family", value=float(min(counts.values())), unit="questions"),
        Row(name="questions.most-of-a-family", value=float(max(counts.values())), unit="questions"),
        Row(name="questions.yes", value=_share_of_yes(yes_no), unit="of yes-no questions"),
        Row(
            name="questions.yes-in-family-0",
            value=_share_of_yes([question for question in questions if question.family == 0]),
            unit="of its questions",
        ),
    ]


def _kind_rows(questions: Sequence[Question]) -> list[Row]:
    kinds = Counter(_kind(question) for question in questions)
    return [
        Row(
            name=f"questions.share.{kind.replace(' ', '-')}",
            value=100 * kinds[kind] / len(questions),
            unit=f"% (CLEVR's generator: {100 * official:.1f} %)",
        )
        for kind, official in OFFICIAL_SHARES.items()
    ]


def _length_rows(questions: Sequence[Question]) -> list[Row]:
    words = sum(len(question.text.split()) for question in questions)
    nodes = sum(len(question.program or ()) for question in questions)
    return [
        Row(name="questions.length", value=words / len(questions), unit="words"),
        Row(name="questions.program-length", value=nodes / len(questions), unit="nodes"),
    ]


def _share_of_yes(questions: Sequence[Question]) -> float:
    return sum(question.answer == "yes" for question in questions) / max(len(questions), 1)


def _kind(question: Question) -> str:
    """The kind of a question, as the paper groups the 13 types."""
    last = question_type(question.program or ())
    if last in ("equal_integer", "less_than", "greater_than"):
        return "compare integer"
    if last.startswith("equal_"):
        return "equal attribute"
    return "query" if last.startswith("query_") else last
