"""What is known of classes: a graph of typed relations between them, and a vector for each.

Shape legend: K classes with the background, M edges, D numbers of a class vector.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from visreason.data.regions.region_set import BACKGROUND
from visreason.errors import DataError
from visreason.files import read_json, write_json

Pairs = Mapping[tuple[str, str], float]
"""Weighted edges of one relation, by the names of the two classes: (from, to)."""

_ONE_WAY = {
    "is a": "has kind",
    "part of": "has part",
    "plural of": "singular of",
    "left to right": "right to left",
    "seen as part of": "seen with part",
}
_INVERSES = _ONE_WAY | {inverse: name for name, inverse in _ONE_WAY.items()}
"""Names of relations and of their inverses."""

_SMALLEST = 1e-14
"""The least sum of a row that is divided by, as in the reference."""


@dataclass(frozen=True, slots=True, eq=False)
class KnowledgeGraph:
    """Classes, typed edges between them, and a vector for each.

    A relation's edges are a sparse matrix A whose row is the class that an edge starts from; a model gathers A · M.

    Attributes:
        classes: the names; number 0 is the background, which has no edge.
        relations: the names of the relations.
        edges: int64 `[M, 3]`, (relation, from, to), sorted.
        weights: float32 `[M]`; within a relation, those of the edges from one class sum to 1.
        vectors: float32 `[K, D]`; zeros for the background.
    """

    classes: tuple[str, ...]
    relations: tuple[str, ...]
    edges: NDArray[np.int64]
    weights: NDArray[np.float32]
    vectors: NDArray[np.float32]

    def matrix(self, relation: str) -> NDArray[np.float32]:
        """A relation as a dense matrix `[K, K]`."""
        rows = self.edges[:, 0] == self.relations.index(relation)
        dense = np.zeros((len(self.classes),) * 2, np.float32)
        dense[self.edges[rows, 1], self.edges[rows, 2]] = self.weights[rows]
        return dense

    def tensors(self) -> tuple[Tensor, Tensor, Tensor]:
        """Edges, weights and vectors, as a network's `set_knowledge` takes them."""
        return torch.from_numpy(self.edges), torch.from_numpy(self.weights), torch.from_numpy(self.vectors)


def make_graph(
    classes: Sequence[str], relations: Mapping[str, Pairs], vectors: NDArray[np.float32]
) -> KnowledgeGraph:
    """Number the classes, sort the edges and let the weights of each row sum to 1.

    Args:
        classes: names, the background first.
        relations: the edges of each relation; those whose two ends are not both in `classes` are an error.
        vectors: `[K, D]`.

    Raises:
        DataError: an edge names a class that is not in the list, has a weight that is not above 0, or joins a class to
            itself.

    Example:
        >>> names = [BACKGROUND, "cup", "plate", "table"]
        >>> pairs = {("cup", "plate"): 3.0, ("cup", "table"): 1.0}
        >>> graph = make_graph(names, {"seen with": pairs}, np.zeros((4, 2), np.float32))
        >>> graph.edges.tolist(), graph.weights.tolist()
        ([[0, 1, 2], [0, 1, 3]], [0.75, 0.25])
    """
    numbers = {name: number for number, name in enumerate(classes) if number}
    rows: list[tuple[int, int, int, float]] = []
    for relation, (name, pairs) in enumerate(relations.items()):
        sums: dict[str, float] = {}
        for (start, _), weight in pairs.items():
            sums[start] = sums.get(start, 0.0) + weight
        for (start, end), weight in pairs.items():
            _check_edge(name, start, end, weight, numbers)
            rows.append((relation, numbers[start], numbers[end], weight / max(sums[start], _SMALLEST)))
    rows.sort()
    return KnowledgeGraph(
        tuple(classes),
        tuple(relations),
        np.array([row[:3] for row in rows], np.int64).reshape(-1, 3),
        np.array([row[3] for row in rows], np.float32),
        vectors.astype(np.float32),
    )


def _check_edge(relation: str, start: str, end: str, weight: float, numbers: Mapping[str, int]) -> None:
    """Make sure that an edge can be one."""
    edge = f"the relation {relation!r} has an edge from {start!r} to {end!r}"
    for name in (start, end):
        if name not in numbers:
            raise DataError(f"{edge}, but {name!r} is not among the {len(numbers)} classes.")
    if start == end:
        raise DataError(f"{edge}; an edge joins two classes.")
    if not (np.isfinite(weight) and weight > 0):
        raise DataError(f"{edge} of weight {weight}; a weight is above 0.")


def with_inverse(name: str, pairs: Pairs, taken: Collection[str] = ()) -> dict[str, Pairs]:
    """A relation and its inverse, or the relation alone where it is its own inverse (or has no edge).

    The inverse is called as is usual (`part of`, `has part`), or else "NAME, inverted".

    Args:
        name: of the relation.
        pairs: its edges.
        taken: names that other relations have.

    Example:
        >>> with_inverse("part of", {("wheel", "car"): 1.0})
        {'part of': {('wheel', 'car'): 1.0}, 'has part': {('car', 'wheel'): 1.0}}
        >>> list(with_inverse("on", {("cup", "table"): 1.0}))
        ['on', 'on, inverted']
        >>> list(with_inverse("near", {("a", "b"): 1.0, ("b", "a"): 1.0}))
        ['near']
    """
    turned = {(end, start): weight for (start, end), weight in pairs.items()}
    inverse = _INVERSES.get(name, "")
    if not inverse or inverse in taken:
        inverse = f"{name}, inverted"
    return {name: pairs} if turned == pairs else {name: pairs, inverse: turned}


def read_knowledge(path: Path) -> tuple[tuple[str, ...], dict[str, Pairs]]:
    """The classes, the background first, and the relations of a JSON file, each with its inverse.

    ```
    {"classes": ["cup", "plate"], "edges": {"seen with": [["cup", "plate"], ["plate", "cup", 2.5]]}}
    ```

    An edge is [from, to] or [from, to, weight]; a weight is 1 where it is not told. A relation that is not symmetric
    and whose inverse is not among the others gets it (`with_inverse`).

    Raises:
        DataError: the file is missing or not of this form; names the edge.
    """
    document = read_json(path)
    listed = document.get("classes") if isinstance(document, dict) else None
    edges = document.get("edges") if isinstance(document, dict) else None
    if not (isinstance(listed, list) and all(isinstance(name, str) for name in listed)):
        raise DataError(
            f'{path}: a knowledge file is {{"classes": [names], "edges": {{…}}}}; "classes" is not.'
        )
    if not isinstance(edges, dict) or not all(isinstance(some, list) for some in edges.values()):
        raise DataError(f'{path}: "edges" should be {{"relation": [["from", "to"], …]}}; got {edges!r:.60}.')
    classes = tuple(listed) if listed[:1] == [BACKGROUND] else (BACKGROUND, *listed)
    told = {name: dict(_edge(one, f"{path}, {name!r}") for one in some) for name, some in edges.items()}
    turned = {name: {(end, start) for start, end in pairs} for name, pairs in told.items()}
    relations: dict[str, Pairs] = {}
    for name, pairs in told.items():
        known = any(set(other) == turned[name] for other in told.values())
        relations |= {name: pairs} if known else with_inverse(name, pairs, told)
    return classes, relations


def _edge(record: Any, where: str) -> tuple[tuple[str, str], float]:
    """One edge of a knowledge file."""
    match record:
        case [str(start), str(end)]:
            return (start, end), 1.0
        case [str(start), str(end), int() | float() as weight]:
            return (start, end), float(weight)
    raise DataError(f'{where}: an edge is ["from", "to"] or ["from", "to", weight]; got {record!r:.60}.')


def write_knowledge(path: Path, graph: KnowledgeGraph) -> None:
    """Write a graph, without its vectors, in the form that `read_knowledge` reads.

    Raises:
        DataError: the file cannot be written.
    """
    edges: dict[str, list[list[Any]]] = {name: [] for name in graph.relations}
    for (relation, start, end), weight in zip(graph.edges.tolist(), graph.weights.tolist(), strict=True):
        edges[graph.relations[relation]].append([graph.classes[start], graph.classes[end], round(weight, 6)])
    write_json(path, {"classes": list(graph.classes), "edges": edges})
