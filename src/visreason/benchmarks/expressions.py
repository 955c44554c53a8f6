"""How fast referring expressions and their boxes are made on one core, and how evenly they speak of objects."""

import time
from collections import Counter
from collections.abc import Iterable, Sequence

from visreason.benchmarks.row import Row
from visreason.clevr.attributes import ATTRIBUTES
from visreason.clevr.executor import outputs
from visreason.clevr.question import Question
from visreason.clevr.questions import WINDOW, QuestionEngine, referring_templates
from visreason.clevr.sampling import sample_scene, scene_rng
from visreason.clevr.scene import Scene, SceneObject
from visreason.data.world_images import one_thread
from visreason.render import Renderer
from visreason.render.boxes import object_boxes

SCENES = 2 * WINDOW
"""Two balancing windows: 5,000 expressions."""
DRAWN = 40
"""Scenes whose boxes are timed."""


def run(scenes: int = SCENES) -> list[Row]:
    """Refer ten times to objects of each of `scenes` fresh scenes, in this process alone.

    Returns:
        Expressions a second of processor time; scenes a second whose boxes are drawn, at 480x320; the number
        of families and the least and most expressions of one; by how much the share of an attribute's word
        among the objects referred to differs from its share in the scenes, at most; the mean length of
        expressions in words and of programs in nodes.

    Example:
        >>> {row.name: row.value for row in run(scenes=25)}["expressions.families"]
        33.0
    """
    sampled = [sample_scene(scene_rng(0, "val", i), i, "val") for i in range(scenes)]
    engine = QuestionEngine(referring_templates(), seed=0)
    start = time.process_time()
    expressions = list(engine.generate(sampled))
    seconds = time.process_time() - start
    families = Counter(expression.family for expression in expressions)
    words = sum(len(expression.text.split()) for expression in expressions)
    nodes = sum(len(expression.program or ()) for expression in expressions)
    count = len(expressions)
    return [
        Row(name="expressions.speed", value=count / seconds, unit="expressions/s"),
        Row(name="expressions.boxes", value=_speed_of_boxes(sampled[:DRAWN]), unit="scenes/s"),
        Row(name="expressions.families", value=float(len(families)), unit="families"),
        Row(name="expressions.least-of-a-family", value=float(min(families.values())), unit="expressions"),
        Row(name="expressions.most-of-a-family", value=float(max(families.values())), unit="expressions"),
        Row(name="expressions.unevenness", value=100 * _unevenness(expressions, sampled), unit="% at most"),
        Row(name="expressions.length", value=words / count, unit="words"),
        Row(name="expressions.program-length", value=nodes / count, unit="nodes"),
    ]


def _speed_of_boxes(scenes: Sequence[Scene]) -> float:
    renderer = Renderer()
    with one_thread():
        renderer.masks(scenes[:1])
        start = time.process_time()
        for scene in scenes:
            object_boxes(scene, renderer.masks([scene])[0].numpy())
        seconds = time.process_time() - start
    return len(scenes) / seconds


def _unevenness(expressions: Iterable[Question], scenes: Sequence[Scene]) -> float:
    """The largest difference between two shares of a word: where objects of a scene are taken evenly, and here."""
    spoken_of: list[SceneObject] = []
    even: list[tuple[SceneObject, float]] = []
    for expression in expressions:
        scene = scenes[expression.image_index]
        spoken_of.append(scene.objects[int(outputs(expression.program or (), scene)[-1])])
        even += [(thing, 1 / len(scene)) for thing in scene.objects]
    total = len(spoken_of)
    largest: float = max(
        abs(
            sum(getattr(thing, name) == word for thing in spoken_of) / total
            - sum(weight for thing, weight in even if getattr(thing, name) == word) / total
        )
        for name, words in ATTRIBUTES.items()
        for word in words
    )
    return largest
