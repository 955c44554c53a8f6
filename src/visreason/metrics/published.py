"""The published figures of CLEVR v1.0 and of its generator, beside those of a world."""

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from visreason.clevr.answers import ANSWER_CLASSES
from visreason.clevr.attributes import ATTRIBUTES, RELATIONS
from visreason.clevr.families import FAMILY_TOTAL
from visreason.metrics.comparison import Comparison
from visreason.metrics.intervals import Interval, share_of
from visreason.metrics.question_statistics import (
    FAMILIES,
    QuestionStatistics,
    SentenceStatistics,
    mean_of,
)
from visreason.metrics.scene_statistics import SceneStatistics

SOURCES = {
    "design": "follows from how the generator of CLEVR v1.0 draws",
    "generator": "1,000 questions of the generator of CLEVR v1.0 about released scenes",
    "test": "14,973 questions of CLEVR v1.0 test",
    "mode": "CLEVR v1.0 test, baseline Q-type mode in Perez et al. 2018 (https://arxiv.org/abs/1709.07871), Table 1",
    "released": "2,590 objects of 410 released scenes of CLEVR v1.0",
    "scenes": "1,500 released scenes of CLEVR v1.0 train and val",
}
"""Where the published figures come from."""

GROUP_SHARES = {
    "count": 0.237,
    "exist": 0.138,
    "compare_numbers": 0.089,
    "query_attribute": 0.36,
    "compare_attribute": 0.176,
}
"""Group of question types to its share; source `generator`."""

COMMONEST = {
    "count": 0.346,
    "exist": 0.502,
    "compare_numbers": 0.51,
    "query_attribute": 0.36,
    "compare_attribute": 0.513,
    "all": 0.418,
}
"""Group of question types to the share of the commonest answer of each type; source `mode`."""

OBJECT_COUNTS = range(3, 11)
"""Numbers of objects of a scene, equally frequent; source `design`."""

LARGE = 0.469
"""The share of large objects, which find room less often than small ones; source `released`."""

WORDS, MEAN_WORDS, TEST_QUESTIONS = (5, 42), 18.7, 14_973
"""Words of a question: the fewest and the most, their mean, and of how many questions; source `test`."""

NODES = (3, 23)
"""Functions of a program; source `generator`."""

PLACES: dict[str, tuple[str, tuple[float, float], str, str]] = {
    "x": ("centre seen at x", (38.0, 453.0), "pixels", "scenes"),
    "y": ("centre seen at y", (61.0, 283.0), "pixels", "scenes"),
    "depth": ("depth of a centre", (6.92, 15.15), "units", "scenes"),
    "extent": ("|x| or |y| on the floor", (0.0, 3.0), "units", "design"),
    "gap": ("gap between two objects", (0.25, math.inf), "units", "design"),
    "margin": ("margin along a direction", (0.4, math.inf), "units", "design"),
}
"""The ranges of `SceneStatistics.ranges`: what each is, the published one, its unit and its source."""


def compare_questions(found: QuestionStatistics) -> Iterator[Comparison]:
    """The published figures about questions beside those of a file; what the file does not tell is left out.

    Questions of none of CLEVR's types, such as Sort-of-CLEVR's, are described without comparing them.
    """
    foreign = found.groups.total > 0 and not any(found.groups.counts[group] for group in GROUP_SHARES)
    for row in _compare_questions(found):
        yield replace(row, published=None, source="") if foreign else row


def _compare_questions(found: QuestionStatistics) -> Iterator[Comparison]:
    if not found.count:
        return
    if any(found.groups.counts[group] for group in GROUP_SHARES):
        for group, share in GROUP_SHARES.items():
            here = found.groups.interval(group)
            yield Comparison(f"type: {_plain(group)}", here, share, "generator", reach=_reach(share, 1000))
    if found.families.total:
        counts = found.families.counts
        yield Comparison("families", (len(counts), len(counts)), (FAMILY_TOTAL, FAMILY_TOTAL), "design")
        ordered = sorted(FAMILIES, key=lambda family: counts[family])
        for name, family in (("rarest", ordered[0]), ("most frequent", ordered[-1])):
            here = found.families.interval(family)
            yield Comparison(f"{name} family ({family})", here, 1 / FAMILY_TOTAL, "design")
    yield Comparison("words of a question", (min(found.words), max(found.words)), WORDS, "test")
    yield _mean("mean words of a question", found.words, "words", MEAN_WORDS, TEST_QUESTIONS, "test")
    if found.nodes:
        yield Comparison("functions of a program", (min(found.nodes), max(found.nodes)), NODES, "generator")
        yield _mean("mean functions of a program", found.nodes, "functions")
        yield _mean("mean depth of a program", found.depths, "functions")
    answers = found.answer_counts()
    for name, words in ANSWER_CLASSES.items() if answers else ():
        if hits := sum(answers[word] for word in words):
            kind = "yes or no" if name == "exist" else name
            yield Comparison(f"answers: {kind}", share_of(hits, answers.total()))
    for group, (hits, total) in found.commonest().items():
        if group not in COMMONEST:
            continue
        figure = f"commonest answer of its type: {_plain(group)}"
        yield Comparison(figure, share_of(hits, total), COMMONEST[group], "mode")


def describe_expressions(found: SentenceStatistics) -> Iterator[Comparison]:
    """Figures about referring expressions, of which none are published."""
    if found.count:
        yield Comparison("words of an expression", (min(found.words), max(found.words)))
        yield _mean("mean words of an expression", found.words, "words")
    if found.nodes:
        yield _mean("mean functions of an expression", found.nodes, "functions")
        yield _mean("mean depth of an expression", found.depths, "functions")


def compare_scenes(found: SceneStatistics) -> Iterator[Comparison]:
    """The published figures about scenes beside those of a file."""
    if not found.count:
        return
    for number in OBJECT_COUNTS:
        here = found.objects.interval(str(number))
        yield Comparison(f"scenes with {number} objects", here, 1 / len(OBJECT_COUNTS), "design")
    for name, words in ATTRIBUTES.items():
        if not found.attributes[name].total:
            continue
        for word in words:
            here, share = found.attributes[name].interval(word), attribute_share(name, word)
            source, reach = ("released", _reach(share, 2590)) if name == "size" else ("design", 0.0)
            yield Comparison(f"{name}: {word}", here, share, source, reach=reach)
    for name in RELATIONS if found.pairs else ():
        # Of every two objects one stands left of the other, so there is no chance in this share.
        half = found.related[name] / found.pairs
        yield Comparison(f"pairs that stand {name}", Interval(half, half, half, found.pairs), 0.5, "design")
    for name, (figure, published, unit, source) in PLACES.items():
        if name in found.ranges:
            yield Comparison(figure, found.ranges[name], published, source, unit)


def attribute_share(name: str, word: str) -> float:
    """The published share of the objects that have an attribute's value.

    Example:
        >>> attribute_share("size", "large"), attribute_share("color", "red")
        (0.469, 0.125)
    """
    if name == "size":
        return LARGE if word == "large" else 1 - LARGE
    return 1 / len(ATTRIBUTES[name])


def _plain(group: str) -> str:
    return group.replace("_", " ")


def _reach(share: float, count: int) -> float:
    """How far the 95 % interval of a share of `count` independent samples reaches."""
    return 1.96 * math.sqrt(share * (1 - share) / count)


def _mean(
    figure: str,
    counts: Counter[int],
    unit: str,
    published: float | None = None,
    published_count: int = 1,
    source: str = "",
) -> Comparison:
    """A mean with the interval of a mean of independent numbers."""
    mean, count = mean_of(counts), counts.total()
    spread = sum(times * (number - mean) ** 2 for number, times in counts.items()) / max(1, count - 1)
    reach, published_reach = (1.96 * math.sqrt(spread / size) for size in (count, published_count))
    here = Interval(mean, mean - reach, mean + reach, count)
    return Comparison(figure, here, published, source, unit, published_reach)
