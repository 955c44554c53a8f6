"""The picture of a world: its questions and scenes, panel by panel, with the published figures marked."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import cycle
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter, MaxNLocator

from visreason.clevr.answers import ANSWER_CLASSES
from visreason.clevr.attributes import ATTRIBUTES, PALETTE
from visreason.clevr.camera import HEIGHT, WIDTH
from visreason.clevr.families import FAMILY_OFFSETS, FAMILY_TOTAL
from visreason.errors import UsageError
from visreason.metrics import published
from visreason.metrics.accuracy import QUESTION_GROUPS
from visreason.metrics.intervals import Interval, share_of
from visreason.metrics.question_statistics import FAMILIES, QuestionStatistics, SentenceStatistics, mean_of
from visreason.metrics.scene_statistics import SceneStatistics
from visreason.metrics.style import COLOURS, INK, house_style, save_figure

_BLUE, _ORANGE, _GREEN = COLOURS[:3]
_HEAT = LinearSegmentedColormap.from_list("white to blue", ["#FFFFFF", "#9CC7E4", "#2F7FBC", "#0B3C73"])
_PALE = "#7FB4D6"
_WHISKER: dict[str, Any] = {"ecolor": INK, "elinewidth": 0.9}
_MARK: dict[str, Any] = {"linewidth": 2.2, "solid_capstyle": "butt"}
_PER_CENT = FuncFormatter(lambda value, _: f"{100 * value:g} %")


def plot_statistics(
    questions: QuestionStatistics | None,
    scenes: SceneStatistics | None,
    expressions: SentenceStatistics | None,
    path: str | Path,
    title: str = "",
) -> None:
    """Draw what questions, scenes and referring expressions are made of; orange marks are published figures.

    Args:
        questions, scenes, expressions: what there is; panels without data are left out.
        path: the PNG to write.
        title: stands over the picture, such as the name of the data.

    Raises:
        UsageError: there is nothing to draw.
        DataError: the file cannot be written.
    """
    panels = [*_question_panels(questions), *_scene_panels(scenes), *_expression_panels(expressions)]
    if not panels:
        raise UsageError("there is nothing to plot: the data has neither questions nor scenes.")
    columns = min(3, len(panels))
    rows = -(-len(panels) // columns)
    with house_style():
        figure = Figure(figsize=(4.9 * columns, 3.1 * rows + 0.7), layout="constrained")
        for place, (name, draw) in enumerate(panels, start=1):
            axes = figure.add_subplot(rows, columns, place)
            axes.set_title(name)
            draw(axes)
        mark = Line2D([], [], color=_ORANGE, linewidth=2.2, label="CLEVR v1.0 (published)")
        figure.suptitle(title, x=0.01, ha="left", fontsize=13, fontweight="bold")
        figure.legend(handles=[mark], loc="outside upper right")
        save_figure(figure, path)


Panel = tuple[str, Callable[[Axes], None]]
"""A title, and what draws the panel under it."""


def _question_panels(found: QuestionStatistics | None) -> Iterator[Panel]:
    if found is None or not found.count:
        return
    if found.groups.total:
        shares = {
            group: found.groups.interval(group) for group in QUESTION_GROUPS if found.groups.counts[group]
        }
        yield "Types of question", partial(_draw_groups, shares=shares, marks=published.GROUP_SHARES)
    if found.answers:
        yield "Answers", partial(_draw_answers, counts=found.answer_counts())
    if commonest := found.commonest():
        shares = {group: share_of(hits, total) for group, (hits, total) in commonest.items()}
        yield "Commonest answer of its type", partial(_draw_groups, shares=shares, marks=published.COMMONEST)
    yield from _sentence_panels(found, "question", published.WORDS, published.MEAN_WORDS)
    if found.families.total:
        yield "Question families", partial(_draw_families, found=found)


def _scene_panels(found: SceneStatistics | None) -> Iterator[Panel]:
    if found is None or not found.count:
        return
    yield "Objects of a scene", partial(_draw_object_counts, found=found)
    if found.seen_hw.any():
        yield "Attributes of objects", partial(_draw_attributes, found=found)
        yield "Where objects are seen", partial(_draw_places, found=found)


def _expression_panels(found: SentenceStatistics | None) -> Iterator[Panel]:
    if found is not None and found.count:
        yield from _sentence_panels(found, "referring expression", None, None)


def _sentence_panels(
    found: SentenceStatistics, what: str, ends: tuple[int, int] | None, mean: float | None
) -> Iterator[Panel]:
    """How many words sentences have, and how long and deep their programs are."""
    yield f"Words of a {what}", partial(_draw_words, counts=found.words, ends=ends, mean=mean)
    if found.nodes:
        nodes = None if ends is None else published.NODES
        yield f"Program of a {what}", partial(_draw_programs, found=found, ends=nodes)


def _draw_groups(axes: Axes, shares: Mapping[str, Interval], marks: Mapping[str, float]) -> None:
    """Bars for the literature's groups of question types, which lie, so that their names can be read."""
    names = [name.replace("_", " ") for name in shares]
    values = [one.value for one in shares.values()]
    reach = [
        [one.value - one.low for one in shares.values()],
        [one.high - one.value for one in shares.values()],
    ]
    axes.barh(names, values, color=_BLUE, height=0.62, xerr=reach, error_kw=_WHISKER)
    for place, name in enumerate(shares):
        if name in marks:
            axes.plot([marks[name]] * 2, [place - 0.4, place + 0.4], color=_ORANGE, **_MARK)
    axes.invert_yaxis()
    axes.grid(axis="y", visible=False)
    axes.xaxis.set_major_formatter(_PER_CENT)


def _draw_answers(axes: Axes, counts: Counter[str]) -> None:
    """A bar for each answer; classes of answers stand apart, in turns of two shades."""
    other = tuple(sorted(set(counts) - {answer for words in ANSWER_CLASSES.values() for answer in words}))
    classes = {**ANSWER_CLASSES, **({"other": other[:20]} if other else {})}
    total, place = counts.total(), 0.0
    ticks: dict[float, str] = {}
    shown = [answers for answers in classes.values() if any(counts[answer] for answer in answers)]
    for answers, colour in zip(shown, cycle((_BLUE, _PALE)), strict=False):
        places = [place + i for i in range(len(answers))]
        axes.bar(places, [counts[answer] / total for answer in answers], color=colour, width=0.8)
        ticks.update(zip(places, answers, strict=True))
        place += len(answers) + 0.8
    axes.set_xticks(list(ticks), list(ticks.values()), rotation=90, fontsize=7.5)
    axes.tick_params(axis="x", length=0)
    axes.grid(axis="x", visible=False)
    axes.yaxis.set_major_formatter(_PER_CENT)


def _draw_families(axes: Axes, found: QuestionStatistics) -> None:
    """A thin bar for each of the 90 families, the template files in turns of two shades."""
    starts = [*FAMILY_OFFSETS.values(), FAMILY_TOTAL]
    for shade, (name, start, stop) in enumerate(zip(FAMILY_OFFSETS, starts, starts[1:], strict=False)):
        values = [found.families.counts[family] / found.families.total for family in FAMILIES[start:stop]]
        axes.bar(range(start, stop), values, color=(_BLUE, _PALE)[shade % 2], width=0.86)
        middle = (start + stop - 1) / 2
        axes.annotate(
            name.replace("_", " "),
            (middle, 0),
            (0, -4),
            textcoords="offset points",
            rotation=40,
            ha="right",
            va="top",
            fontsize=7.5,
            annotation_clip=False,
        )
    axes.axhline(1 / FAMILY_TOTAL, color=_ORANGE, **_MARK)
    axes.set_xticks([])
    axes.set_xlim(-1, FAMILY_TOTAL)
    axes.yaxis.set_major_formatter(_PER_CENT)


def _draw_words(axes: Axes, counts: Counter[int], ends: tuple[int, int] | None, mean: float | None) -> None:
    """A histogram of lengths, their mean, and the published mean and range."""
    _histogram(axes, counts, _BLUE)
    axes.axvline(mean_of(counts), color=INK, linewidth=1.2, linestyle=":")
    if mean is not None:
        axes.axvline(mean, color=_ORANGE, linewidth=1.6)
    _draw_span(axes, ends)
    axes.set_xlabel(f"words (mean {mean_of(counts):.1f}" + (f"; {mean} published)" if mean else ")"))


def _draw_programs(axes: Axes, found: SentenceStatistics, ends: tuple[int, int] | None) -> None:
    """Two histograms: functions of a program, and those on its longest way."""
    _histogram(axes, found.nodes, _BLUE, label=f"functions (mean {mean_of(found.nodes):.1f})")
    depths = found.depths
    axes.step(
        sorted(depths),
        [depths[n] / depths.total() for n in sorted(depths)],
        where="mid",
        color=_GREEN,
        label=f"depth (mean {mean_of(depths):.1f})",
    )
    _draw_span(axes, ends)
    axes.legend(loc="upper right", fontsize=8)
    axes.set_xlabel("functions")


def _histogram(axes: Axes, counts: Counter[int], colour: str, label: str = "") -> None:
    """Bars for numbers that were counted, as shares."""
    numbers = sorted(counts)
    axes.bar(numbers, [counts[n] / counts.total() for n in numbers], color=colour, width=0.82, label=label)
    axes.grid(axis="x", visible=False)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.yaxis.set_major_formatter(_PER_CENT)


def _draw_span(axes: Axes, ends: tuple[int, int] | None) -> None:
    """The published range, as a bracket under the bars."""
    if ends is not None:
        base = axes.get_ylim()[1] * -0.025
        axes.plot(ends, [base, base], color=_ORANGE, linewidth=2.2, marker="|", markersize=7)


def _draw_object_counts(axes: Axes, found: SceneStatistics) -> None:
    """How many scenes have how many objects."""
    numbers = sorted(map(int, found.objects.counts))
    shares = [found.objects.interval(str(number)) for number in numbers]
    _standing(axes, list(map(float, numbers)), shares, [_BLUE] * len(numbers))
    ends = [published.OBJECT_COUNTS[0] - 0.5, published.OBJECT_COUNTS[-1] + 0.5]
    axes.plot(ends, [1 / len(published.OBJECT_COUNTS)] * 2, color=_ORANGE, **_MARK)
    axes.set_xticks(range(min(numbers[0], 3), max(numbers[-1], 10) + 1))


def _draw_attributes(axes: Axes, found: SceneStatistics) -> None:
    """A bar for each value of each attribute; colours in their own."""
    ticks: dict[float, str] = {}
    place = 0.0
    for name, words in ATTRIBUTES.items():
        for word in words:
            rgb = tuple(part / 255 for part in PALETTE[word]) if name == "color" else _BLUE
            _standing(axes, [place], [found.attributes[name].interval(word)], [rgb])
            mark = published.attribute_share(name, word)
            axes.plot([place - 0.46, place + 0.46], [mark, mark], color=_ORANGE, **_MARK)
            ticks[place] = word
            place += 1
        place += 0.8
    axes.set_xticks(list(ticks), list(ticks.values()), rotation=90, fontsize=8)


def _standing(
    axes: Axes, places: Sequence[float], shares: Sequence[Interval], colours: Sequence[Any]
) -> None:
    """Standing bars with their 95 % intervals."""
    reach = [[one.value - one.low for one in shares], [one.high - one.value for one in shares]]
    axes.bar(places, [one.value for one in shares], color=colours, width=0.78, yerr=reach, error_kw=_WHISKER)
    axes.tick_params(axis="x", length=0)
    axes.grid(axis="x", visible=False)
    axes.yaxis.set_major_formatter(_PER_CENT)


def _draw_places(axes: Axes, found: SceneStatistics) -> None:
    """A heat map over the image: how many objects have their centre seen there, and the published limits."""
    axes.imshow(found.seen_hw, cmap=_HEAT, extent=(0, WIDTH, HEIGHT, 0), interpolation="bilinear")
    (left, right), (top, bottom) = published.PLACES["x"][1], published.PLACES["y"][1]
    corner, width, height = (left, top), right - left, bottom - top
    axes.add_patch(Rectangle(corner, width, height, fill=False, ec=_ORANGE, lw=1.6))
    axes.grid(visible=False)
    axes.set_xticks([0, 120, 240, 360, 480])
    axes.set_yticks([0, 80, 160, 240, 320])
