"""The best matching of two scenes' objects, found and *proved* best, many pairs of scenes at a time.

Shapes: P pairs of scenes of N <= M objects, S partial matchings of each pair, R objects still to be matched, 4
kinds of neighbours (right of, left of, before, behind). A column M + 1 stands for no partner.

The objects of the smaller scene are matched one by one. All partial matchings of a level are held side by side,
each with a lower bound of its cost when it is complete; the best `width` of them live on. Those given up leave
their least bound behind: where it is no less than the cost of the best complete matching, that one is proved
best. Pairs without a proof are searched again with a wider beam, and with what is known already to cut by.

Costs are whole numbers, so that they do not depend on the order in which they are added up.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from visreason.clevr.attributes import ATTRIBUTES
from visreason.errors import UsageError
from visreason.retrieval.graph_distance.graph import SceneGraph

UNIT = 1 << 22
"""The cost 1 as a whole number."""

WIDTHS = (32, 128, 512, 2048, 8192, 32768)
"""How many partial matchings a pair may have, in one search after the other."""

LARGEST = 64
"""The most objects of a scene."""

CHANCE = np.array([len(values) / (len(values) - 1) for values in ATTRIBUTES.values()])
"""What another value of an attribute costs when no value costs 1: v / (v - 1) of v values."""

_IMPOSSIBLE = 1 << 24
"""The cost of using an object twice: more than any matching costs, and `LARGEST` of them fit 32 bits."""

_CELLS = 600_000
"""Costs that are held at a time, over all pairs and partial matchings: a few times 2.4 MB."""


def least_costs(
    first: Sequence[SceneGraph],
    second: Sequence[SceneGraph],
    attribute_P: NDArray[np.float64],
    relation_P: NDArray[np.float64],
    widths: Sequence[int] = WIDTHS,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The least cost of matching the objects of pairs of scenes, in 1 / `UNIT`.

    An object may stay without a partner. Each of its attributes then costs a, and each of its relations b; an
    attribute of v values that its partner has otherwise costs a v / (v - 1), a relation that its partners have
    the other way round 2 b. What only the second scene has costs nothing.

    Args:
        first: P graphs of N objects each.
        second: P graphs of M >= N objects each.
        attribute_P: a of each pair.
        relation_P: b of each pair.
        widths: of the beams, narrow ones first.

    Returns:
        A lower bound and the least cost that was found, [P] each; equal where that is proved least.

    Raises:
        UsageError: a scene has more objects than can be matched.

    Example:
        >>> from visreason.clevr.sampling import sample_scene, scene_rng
        >>> graph = SceneGraph.of(sample_scene(scene_rng(0, "val", 0), 0, "val"))
        >>> [bound.tolist() for bound in least_costs([graph], [graph], np.array([0.1]), np.array([0.1]))]
        [[0], [0]]
    """
    if len(second[0]) > LARGEST:
        raise UsageError(f"a scene has {len(second[0])} objects; they can be matched up to {LARGEST}.")
    costs = _Costs.of(first, second, attribute_P, relation_P)
    low, high = np.zeros(len(first), np.int64), np.full(len(first), 2 * _IMPOSSIBLE)
    for width in widths:
        unproved = np.flatnonzero(low < high)
        at_a_time = max(1, _CELLS // (width * max(1, len(first[0]) * len(second[0]))))
        for start in range(0, len(unproved), at_a_time):
            part = unproved[start : start + at_a_time]
            low[part], high[part] = _search(costs.take(part), high[part], width)
    return low, high


@dataclass(frozen=True, slots=True)
class _Costs:
    """What matching costs.

    Attributes:
        attributes_PNC: of matching an object of the first scene with one of the second, or none (C = M + 1).
        first_P2NN, second_P2MM: 1 where i stands right of (before) j, -1 where left of (behind), else 0.
        relation_P: of losing a relation, an even number.
    """

    attributes_PNC: NDArray[np.int32]
    first_P2NN: NDArray[np.int8]
    second_P2MM: NDArray[np.int8]
    relation_P: NDArray[np.int32]

    @classmethod
    def of(
        cls,
        first: Sequence[SceneGraph],
        second: Sequence[SceneGraph],
        attribute_P: NDArray[np.float64],
        relation_P: NDArray[np.float64],
    ) -> "_Costs":
        ones, others = (np.stack([graph.attributes_N4 for graph in side]) for side in (first, second))
        differ_PNM4 = ones[:, :, None] != others[:, None]
        other_P4 = np.rint(UNIT * attribute_P[:, None] * CHANCE).astype(np.int32)
        none_P = 4 * np.rint(UNIT * attribute_P).astype(np.int32)
        other_PNM = (differ_PNM4 * other_P4[:, None, None]).sum(3, dtype=np.int32)
        none_PN1 = np.broadcast_to(none_P[:, None, None], (*other_PNM.shape[:2], 1))
        relation = 2 * np.rint(UNIT * relation_P / 2).astype(np.int32)
        return cls(np.concatenate((other_PNM, none_PN1), 2), _signs(first), _signs(second), relation)

    def charges(self) -> NDArray[np.int32]:
        """What an object is charged for each neighbour that its partner lacks, [P, C]; see `_bounds`."""
        count = self.second_P2MM.shape[2]
        ordered_P = np.count_nonzero(self.second_P2MM, axis=(1, 2, 3)) == 2 * count * (count - 1)
        charges_PC = np.repeat(self.relation_P[:, None], count + 1, axis=1)
        charges_PC[~ordered_P] //= 2
        charges_PC[ordered_P, -1] = 0
        return charges_PC

    def take(self, pairs: NDArray[np.intp]) -> "_Costs":
        return _Costs(
            self.attributes_PNC[pairs],
            self.first_P2NN[pairs],
            self.second_P2MM[pairs],
            self.relation_P[pairs],
        )

    def relations(self, k: int) -> NDArray[np.int32]:
        """What matching object k with j and a later object i with m costs between them, [P, j, i, m]."""
        wanted_P2R = self.first_P2NN[:, :, k, k + 1 :]
        had_P2CC = np.pad(self.second_P2MM, ((0, 0), (0, 0), (0, 1), (0, 1)))
        same_PCRC = np.einsum("prk,prjm->pjkm", wanted_P2R, had_P2CC)
        wanted_PR = np.abs(wanted_P2R).sum(1, dtype=np.int8)
        lost_PCRC: NDArray[np.int32] = self.relation_P[:, None, None, None] * (
            wanted_PR[:, None, :, None] - same_PCRC
        )
        return lost_PCRC


def _signs(graphs: Sequence[SceneGraph]) -> NDArray[np.int8]:
    return np.stack([graph.signs for graph in graphs])


def _neighbours(signs_P2NN: NDArray[np.int8]) -> NDArray[np.int32]:
    """How many neighbours of each kind every object has, [P, 4, N]."""
    counts = [(signs_P2NN[:, r] == sign).sum(2) for r in range(2) for sign in (1, -1)]
    return np.stack(counts, 1).astype(np.int32)


def _search(
    costs: _Costs, known_P: NDArray[np.int64], width: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """One beam search.

    Args:
        costs: of P pairs.
        known_P: what a matching that is known costs.
        width: of the beam.

    Returns:
        A lower bound and the least cost known now.
    """
    pairs, count, columns = costs.attributes_PNC.shape
    p = np.arange(pairs)[:, None]
    spent_PS = np.zeros((pairs, 1), np.int32)
    costs_PSRC = costs.attributes_PNC[:, None]
    supply_PS4C = np.pad(_neighbours(costs.second_P2MM), ((0, 0), (0, 0), (0, 1)))[:, None]
    had_PC2C = np.pad(costs.second_P2MM, ((0, 0), (0, 0), (0, 1), (0, 1))).transpose(0, 3, 1, 2)
    charges_PC, given_up_P = costs.charges(), np.full(pairs, 2 * _IMPOSSIBLE)
    for k in range(count):
        demand_P4R = _neighbours(costs.first_P2NN[:, :, k:, k:])
        bounds_PSC = _bounds(spent_PS, costs_PSRC, supply_PS4C, demand_P4R, charges_PC)
        bounds_PC = np.where(bounds_PSC < known_P[:, None, None], bounds_PSC, 2 * _IMPOSSIBLE).reshape(
            pairs, -1
        )
        chosen_PS, lost_P = _choose(bounds_PC, width)
        given_up_P = np.minimum(given_up_P, lost_P)
        parent_PS, match_PS = np.divmod(chosen_PS, columns)
        spent_PS = spent_PS[p, parent_PS] + costs_PSRC[p, parent_PS, 0, match_PS]
        costs_PSRC = costs_PSRC[p, parent_PS, 1:] + costs.relations(k)[p, match_PS]
        used_p, used_s = np.nonzero(match_PS < columns - 1)
        costs_PSRC[used_p, used_s, :, match_PS[used_p, used_s]] = _IMPOSSIBLE
        gone_PS2C = had_PC2C[p, match_PS]
        supply_PS4C = supply_PS4C[p, parent_PS] - np.stack((gone_PS2C == 1, gone_PS2C == -1), 3).reshape(
            *match_PS.shape, 4, columns
        )
    best_P = np.minimum(known_P, spent_PS.min(1))
    return np.minimum(best_P, given_up_P), best_P


def _bounds(
    spent_PS: NDArray[np.int32],
    costs_PSRC: NDArray[np.int32],
    supply_PS4C: NDArray[np.int32],
    demand_P4R: NDArray[np.int32],
    charges_PC: NDArray[np.int32],
) -> NDArray[np.int32]:
    """What each partial matching will cost at least, if the next object is matched with each of the M, or none.

    Every later object takes its cheapest partner. With a partner that has too few free neighbours of a kind, it
    loses as many relations. A relation has two ends, so each is charged half of the least that this costs: the
    other end has no partner, or none that is related. Where all objects of the second scene are related, a
    relation that is lost between two partners is reversed and costs twice; then the end with a partner is
    charged all, and the end without one nothing.
    """
    lack_PSRC = np.zeros_like(costs_PSRC)
    for kind in range(4):
        lack_PSRC += np.maximum(demand_P4R[:, None, kind, :, None] - supply_PS4C[:, :, kind, None, :], 0)
    least_PSRC = costs_PSRC + charges_PC[:, None, None, :] * lack_PSRC
    later_PS = least_PSRC[:, :, 1:].min(3).sum(2, dtype=np.int32)
    bounds_PSC: NDArray[np.int32] = (spent_PS + later_PS)[:, :, None] + least_PSRC[:, :, 0]
    return bounds_PSC


def _choose(bounds_PC: NDArray[np.int32], width: int) -> tuple[NDArray[np.intp], NDArray[np.int64]]:
    """The candidates of least bound, as many as any pair can use up to `width`, and the least bound of the others."""
    possible = int((bounds_PC < _IMPOSSIBLE).sum(1).max())
    keep = max(1, min(width, possible))
    if keep == bounds_PC.shape[1]:
        everything = np.broadcast_to(np.arange(keep), bounds_PC.shape)
        return everything, np.full(len(bounds_PC), 2 * _IMPOSSIBLE)
    order_PC = np.argpartition(bounds_PC, keep - 1, axis=1)
    lost_P = np.take_along_axis(bounds_PC, order_PC[:, keep:], 1).min(1)
    return order_PC[:, :keep], lost_P
