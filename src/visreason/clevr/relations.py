"""How objects stand to each other: left, right, behind, in front.

Source: the released scenes of CLEVR v1.0. The directions lie in the floor's plane and are those of the camera
*before* jitter, the same in every scene.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from visreason.clevr.attributes import RELATIONS
from visreason.clevr.scene import Vector

DIRECTIONS: dict[str, Vector] = {
    "right": (0.6563112735748291, 0.7544902563095093, -0.0),
    "behind": (-0.754490315914154, 0.6563112735748291, 0.0),
    "above": (0.0, 0.0, 1.0),
    "below": (-0.0, -0.0, -1.0),
    "left": (-0.6563112735748291, -0.7544902563095093, 0.0),
    "front": (0.754490315914154, -0.6563112735748291, -0.0),
}
"""Name to unit vector in world space, to the digit as released."""

EPSILON = 0.2
"""How far an object must lie in a direction to count as standing there, in world units."""


def relationships(
    positions_N3: ArrayLike, directions: Mapping[str, Vector] = DIRECTIONS, eps: float = EPSILON
) -> dict[str, tuple[tuple[int, ...], ...]]:
    """Who stands where: object j stands in relation d to object i when (p_j - p_i).d > eps.

    Args:
        positions_N3: the centres of the objects, [N, 3].
        directions: name to unit vector; the four relations are used.
        eps: the least distance along the direction.

    Returns:
        Relation to one row for each object i: the ascending indices j.

    Example:
        >>> relationships([(0.0, 0.0, 0.7), (1.0, 1.0, 0.7)])["right"]
        ((1,), ())
    """
    positions = np.asarray(positions_N3, dtype=np.float64).reshape(-1, 3)
    found = {}
    for name in RELATIONS:
        along_N = positions @ np.asarray(directions[name])
        stands_NN = along_N[None, :] - along_N[:, None] > eps
        found[name] = tuple(tuple(np.flatnonzero(row).tolist()) for row in stands_NN)
    return found
