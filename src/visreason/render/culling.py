"""Which rays may meet which objects, without testing them one by one.

Rays that follow each other with the same group number start near each other and go much the same way. Such a
bundle is tested as a whole against the ball around each object, and only bundles that may meet one are taken
apart. Shapes: P rays, G bundles, N object slots of a scene, Q pairs of a ray and an object, R pairs of a
bundle and an object.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from visreason.render.shapes import CUBE, CYLINDER, SPHERE
from visreason.render.vectors import dot, spin, take
from visreason.render.world import Objects, World, per_point

_WIDE = 0.9


@dataclass(frozen=True, slots=True)
class Pairs:
    """Rays and the objects they may meet.

    Attributes:
        ray_Q, object_Q: their rows.
        offset_3Q: from the object's centre to where the ray starts.
        direction_3Q: of the ray.
    """

    ray_Q: Tensor
    object_Q: Tensor
    offset_3Q: Tensor
    direction_3Q: Tensor

    def bodies(self, objects: Objects) -> Iterator[tuple[int, Tensor, Tensor, Tensor]]:
        """The pairs by kind of shape: kind, which pairs, start and direction in the bodies' own frames."""
        kind_Q = take(objects.kind_M, self.object_Q)
        for kind in (SPHERE, CUBE, CYLINDER):
            index = (kind_Q == kind).nonzero()[:, 0]
            thing = take(self.object_Q, index)
            x = take(self.offset_3Q, index) / take(objects.radius_M, thing)
            yield (
                kind,
                index,
                into_body(objects, thing, kind, x),
                into_body(objects, thing, kind, take(self.direction_3Q, index)),
            )


def into_body(objects: Objects, object_Q: Tensor, kind: int, v_3Q: Tensor) -> Tensor:
    """Vectors in world space turned into the objects' own frames; only cubes show how they are turned."""
    if kind != CUBE:
        return v_3Q
    return spin(v_3Q, take(objects.cos_M, object_Q), -take(objects.sin_M, object_Q))


class Bundles:
    """The starts of rays, bundled by their group numbers.

    Args:
        origin_3P: where the rays start.
        scene_P: their scenes.
        group_P: their groups; all rays of a group are of one scene and follow each other.
        own_P: the object each starts from, which it cannot meet as every object is convex; None for none.
        world: the scenes.
    """

    def __init__(
        self, origin_3P: Tensor, scene_P: Tensor, group_P: Tensor, own_P: Tensor | None, world: World
    ) -> None:
        self.origin_3P, self.own_P, self.world = origin_3P, own_P, world
        _, self.run_P, self.count_G = torch.unique_consecutive(
            group_P, return_inverse=True, return_counts=True
        )
        self.start_G = self.count_G.cumsum(0) - self.count_G
        self.at_3G = take(origin_3P, self.start_G)
        self.scene_G = take(scene_P, self.start_G)
        self.radius_G = self._farthest(origin_3P, self.at_3G) + 1e-4
        self.bound_NG = per_point(world.by_slot(world.objects.bound_M), self.scene_G)
        self.to_3NG = per_point(world.by_slot(world.objects.center_3M), self.scene_G) - self.at_3G[:, None]
        self.square_NG = dot(self.to_3NG, self.to_3NG)

    def _farthest(self, v_3P: Tensor, first_3G: Tensor) -> Tensor:
        """The longest difference between a bundle's vectors and its first one."""
        apart_3P = v_3P - take(first_3G, self.run_P)
        square_G = torch.zeros_like(first_3G[0]).scatter_reduce(
            0, self.run_P, dot(apart_3P, apart_3P), "amax"
        )
        return square_G.sqrt()

    def meeting(self, direction_3P: Tensor) -> Pairs:
        """The pairs of rays that go along `direction_3P` and the objects whose balls they cross."""
        first_3G = take(direction_3P, self.start_G)
        ray_Q, object_Q = self._pairs(first_3G, self._farthest(direction_3P, first_3G))
        return self._close(ray_Q, object_Q, direction_3P, None)

    def shaded(self, direction_3P: Tensor, blur_P: Tensor, lit_P: Tensor) -> Pairs:
        """The pairs of rays to a lamp and the objects that may hide a part of it.

        The rays converge, so those of a bundle never leave the width in which it starts.

        Args:
            direction_3P: to the lamp's centre.
            blur_P: angle that the lamp's radius fills.
            lit_P: which rays matter.
        """
        first_3G = take(direction_3P, self.start_G)
        blur_G = torch.zeros_like(first_3G[0]).scatter_reduce(0, self.run_P, blur_P, "amax")
        ray_Q, object_Q = self._pairs(first_3G, blur_G)
        matters = take(lit_P, ray_Q).nonzero()[:, 0]
        return self._close(take(ray_Q, matters), take(object_Q, matters), direction_3P, blur_P)

    def _pairs(self, direction_3G: Tensor, blur_G: Tensor) -> tuple[Tensor, Tensor]:
        """All rays (ray_Q) of bundles that may meet an object (object_Q)."""
        along_NG = dot(self.to_3NG, direction_3G[:, None])
        meets_NG = _crosses(self.square_NG, along_NG, self.bound_NG + self.radius_G, blur_G)
        slot_R, bundle_R = (meets_NG & (self.bound_NG > 0)).nonzero(as_tuple=True)
        object_R = self.world.slot_NB[slot_R, take(self.scene_G, bundle_R)]
        count_R = take(self.count_G, bundle_R)
        first_R = take(self.start_G, bundle_R) - (count_R.cumsum(0) - count_R)
        object_Q = object_R.repeat_interleave(count_R)
        return first_R.repeat_interleave(count_R) + torch.arange(
            len(object_Q), device=object_Q.device
        ), object_Q

    def _close(self, ray_Q: Tensor, object_Q: Tensor, direction_3P: Tensor, blur_P: Tensor | None) -> Pairs:
        """The pairs whose ray itself comes close enough."""
        objects = self.world.objects
        offset_3Q = take(self.origin_3P, ray_Q) - take(objects.center_3M, object_Q)
        direction_3Q = take(direction_3P, ray_Q)
        blur = None if blur_P is None else take(blur_P, ray_Q)
        bound_Q = take(objects.bound_M, object_Q)
        close_Q = _crosses(dot(offset_3Q, offset_3Q), -dot(offset_3Q, direction_3Q), bound_Q, blur)
        if self.own_P is not None:
            close_Q &= object_Q != take(self.own_P, ray_Q)
        kept = close_Q.nonzero()[:, 0]
        return Pairs(take(ray_Q, kept), take(object_Q, kept), take(offset_3Q, kept), take(direction_3Q, kept))


def _crosses(square: Tensor, along: Tensor, reach: Tensor, blur: Tensor | None) -> Tensor:
    """Whether a ray, widened by `blur` per unit of length, comes within `reach` of a centre.

    With `square` the squared distance to the centre and `along` the part of it along the ray, the ray touches
    the widened ball no later than at (along + reach) / (1 - blur), and is that times `blur` wide there.
    """
    if blur is None:
        return (square - along * along < reach * reach) & (along > -reach)
    wide = reach + (along + reach).clamp_min(0) * (blur / (1 - blur.clamp_max(_WIDE)))
    return ((square - along * along < wide * wide) & (along > -reach)) | (blur > _WIDE)
