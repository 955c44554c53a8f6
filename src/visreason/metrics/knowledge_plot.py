"""The picture of a knowledge graph: classes as words, relations as lines of their own colours."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import FancyArrowPatch
from numpy.typing import NDArray

from visreason.metrics.style import INK, QUIET, colours, house_style, save_figure

Places = dict[int, NDArray[np.float64]]


def plot_knowledge(
    classes: Sequence[str],
    relations: Sequence[str],
    edges: NDArray[np.int64],
    path: Path,
    *,
    of: int | None = None,
    most: int = 40,
    title: str = "",
) -> list[str]:
    """Draw a graph, or as much of it as can be read; return the classes that are drawn.

    Of two relations that are inverse to each other the first is drawn; edges that lead both ways have no arrows.

    Args:
        classes: names, the background first.
        relations: names.
        edges: int64 `[M, 3]`, (relation, from, to).
        path: the PNG to write.
        of: draw this class and its neighbours; None: the classes with most neighbours.
        most: classes at most.
        title: stands over the picture.

    Raises:
        DataError: the file cannot be written.
    """
    drawn = _drawn_relations(len(relations), edges)
    shown = edges[np.isin(edges[:, 0], drawn)]
    graph = nx.Graph()
    graph.add_edges_from(shown[:, 1:].tolist())
    kept = _chosen(graph, of, most)
    graph = graph.subgraph(kept).copy()
    graph.remove_nodes_from([] if of is not None else list(nx.isolates(graph)))
    shown = shown[np.isin(shown[:, 1:], list(graph)).all(axis=1)]
    side = 4.5 + 0.9 * max(1.0, len(graph) ** 0.5)
    with house_style():
        figure = Figure(figsize=(1.45 * side, side), layout="constrained")
        axes = figure.add_subplot()
        axes.set_axis_off()
        places = _places(graph)
        tints = dict(zip(drawn, colours(len(drawn)), strict=True))
        _draw_edges(axes, shown, places, tints)
        for node, place in places.items():
            _draw_word(axes, classes[node], place, strong=node == of)
        used = [relation for relation in drawn if (shown[:, 0] == relation).any()]
        lines = [Line2D([], [], color=tints[relation], lw=2, label=relations[relation]) for relation in used]
        if lines:
            axes.legend(handles=lines, loc="upper left", bbox_to_anchor=(1.0, 1.0), title="relation")
        axes.set_title(f"{title}{': ' if title else ''}{len(graph)} of {len(classes) - 1} classes")
        axes.margins(0.09)
        save_figure(figure, path)
    return [classes[node] for node in sorted(graph)]


def _drawn_relations(count: int, edges: NDArray[np.int64]) -> list[int]:
    """The relations without those that are the inverse of an earlier one."""
    drawn: list[int] = []
    sets = [set(map(tuple, edges[edges[:, 0] == one, 1:].tolist())) for one in range(count)]
    for one in range(count):
        turned = {(end, start) for start, end in sets[one]}
        if not any(sets[other] == turned for other in drawn):
            drawn.append(one)
    return drawn


def _chosen(graph: Any, of: int | None, most: int) -> list[int]:
    """The classes to draw: one and its neighbours, or those with most neighbours among each other."""
    if of is not None:
        if of not in graph:
            graph.add_node(of)
        near = sorted(graph[of], key=lambda node: (-graph.degree(node), node))
        return [of, *near[: most - 1]]
    ranked = sorted(graph, key=lambda node: (-graph.degree(node), node))[:most]
    return sorted(ranked)


def _places(graph: Any) -> Places:
    """Where each class is drawn: related ones near each other, no piece of the graph far from the rest."""
    start = nx.circular_layout(graph)
    if len(graph) < 3 or not graph.number_of_edges():
        return dict(start)
    far = nx.spring_layout(graph, pos=start, k=3.2 / len(graph) ** 0.5, iterations=300, seed=0)
    spots = np.array([far[node] for node in graph])
    for axis in (0, 1):  # little of the distance, much of the rank: what is crowded is spread
        rank = np.argsort(np.argsort(spots[:, axis], kind="stable"), kind="stable") / (len(spots) - 1)
        low, high = spots[:, axis].min(), spots[:, axis].max()
        spots[:, axis] = 0.15 * (spots[:, axis] - low) / max(high - low, 1e-9) + 0.85 * rank
    return dict(zip(graph, spots, strict=True))


def _draw_edges(axes: Axes, edges: NDArray[np.int64], places: Places, tints: dict[int, str]) -> None:
    """Lines with arrows, a little bent so that several relations of two classes can be told apart."""
    both = {tuple(edge) for edge in edges.tolist()}
    for relation, start, end in sorted(both):
        mutual = (relation, end, start) in both
        if mutual and start > end:
            continue
        bend = 0.06 * (list(tints).index(relation) + (0 if mutual else 1))
        arrow = FancyArrowPatch(
            tuple(places[start]),
            tuple(places[end]),
            arrowstyle="-" if mutual else "-|>",
            connectionstyle=f"arc3,rad={bend}",
            mutation_scale=9,
            shrinkA=9,
            shrinkB=9,
            lw=1.1,
            color=tints[relation],
            alpha=0.75,
            zorder=1,
        )
        axes.add_patch(arrow)


def _draw_word(axes: Axes, word: str, place: NDArray[np.float64], *, strong: bool) -> None:
    """A class's name on white."""
    box = {
        "boxstyle": "round,pad=0.25",
        "facecolor": "white",
        "edgecolor": INK if strong else QUIET,
        "lw": 0.8,
    }
    weight = "bold" if strong else "normal"
    axes.text(
        float(place[0]),
        float(place[1]),
        word,
        ha="center",
        va="center",
        fontsize=9,
        weight=weight,
        bbox=box,
        zorder=2,
    )
    axes.plot(*place, alpha=0)  # so that the axes reach so far
