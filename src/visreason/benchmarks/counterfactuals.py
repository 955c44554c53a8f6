"""How fast minimal pairs are made on one core, and how even they are."""

import time
from collections import Counter

from visreason.benchmarks.row import Row
from visreason.clevr.counterfactual_edits import EDITS
from visreason.clevr.counterfactuals import minimal_pairs
from visreason.clevr.question import Question
from visreason.clevr.questions import WINDOW, QuestionEngine
from visreason.clevr.sampling import sample_scene, scene_rng

PER_SCENE = 4
"""Minimal pairs of each scene."""


def run(scenes: int = WINDOW) -> list[Row]:
    """Make four minimal pairs of each of `scenes` fresh scenes with ten questions, in this process alone.

    Returns:
        Pairs a second of processor time; the share of pairs whose answer changes; the least and the most
        frequent kind of edit, as shares of all pairs.

    Example:
        >>> [row.name for row in run(scenes=5)][0]
        'counterfactuals.speed'
    """
    sampled = [sample_scene(scene_rng(0, "val", i), i, "val") for i in range(scenes)]
    asked: list[list[Question]] = [[] for _ in sampled]
    for question in QuestionEngine(seed=0).generate(sampled):
        asked[question.image_index].append(question)
    start = time.process_time()
    pairs = list(minimal_pairs(zip(sampled, asked, strict=True), PER_SCENE, scene_rng(0, "cf_val", 0)))
    seconds = time.process_time() - start
    kinds = Counter(pair.edit.kind for pair in pairs)
    shares = {
        "changing": sum(pair.changes for pair in pairs),
        "rarest-edit": min(kinds[kind] for kind in EDITS),
        "commonest-edit": max(kinds[kind] for kind in EDITS),
    }
    speed = Row(name="counterfactuals.speed", value=len(pairs) / seconds, unit="pairs/s")
    return [speed] + [
        Row(name=f"counterfactuals.{name}", value=100 * count / len(pairs), unit="% of pairs")
        for name, count in shares.items()
    ]
