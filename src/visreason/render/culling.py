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
        return self._close(ray_Q, ray_Q, object_Q, direction_3P, None)

    def shaded(self, direction_3LP: Tensor, blur_LP: Tensor, lit_LP: Tensor) -> Pairs:
        """The pairs of rays to lamps and the objects that may hide a part of those.

        The rays to one lamp converge, so those of a bundle never leave the width in which it starts.

        Args:
            direction_3LP: to the lamps' centres.
            blur_LP: angle that each lamp's radius fills.
            lit_LP: which rays matter.

        Returns:
            The pairs, whose rays are numbered lamp by lamp: ray p to lamp l is l P + p.
        """
        rays = direction_3LP.shape[2]
        run_LP = self.run_P.expand_as(blur_LP)
        blur_LG = blur_LP.new_zeros(len(blur_LP), len(self.start_G)).scatter_reduce(
            1, run_LP, blur_LP, "amax"
        )
        lamp_Q, ray_Q, object_Q = self._lamp_pairs(take(direction_3LP, self.start_G), blur_LG)
        at_Q = ray_Q + lamp_Q * rays
        matters = take(lit_LP.flatten(), at_Q).nonzero()[:, 0]
        at_Q, ray_Q, object_Q = take(at_Q, matters), take(ray_Q, matters), take(object_Q, matters)
        return self._close(at_Q, ray_Q, object_Q, direction_3LP.flatten(1), blur_LP.flatten())

    def _pairs(self, direction_3G: Tensor, blur_G: Tensor) -> tuple[Tensor, Tensor]:
        """All rays (ray_Q) of bundles that may meet an object (object_Q)."""
        _, ray_Q, object_Q = self._lamp_pairs(direction_3G[:, None], blur_G[None])
        return ray_Q, object_Q

    def _lamp_pairs(self, direction_3LG: Tensor, blur_LG: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """All rays (ray_Q) to lamps (lamp_Q) of bundles that may meet an object (object_Q)."""
        along_NLG = dot(self.to_3NG[:, :, None], direction_3LG[:, None])
        reach_NG = self.bound_NG + self.radius_G
        meets_NLG = _crosses(self.square_NG[:, None], along_NLG, reach_NG[:, None], blur_LG)
        meets_NLG &= (self.bound_NG > 0)[:, None]
        slot_R, lamp_R, bundle_R = meets_NLG.nonzero(as_tuple=True)
        object_R = self.world.slot_NB[slot_R, take(self.scene_G, bundle_R)]
        count_R = take(self.count_G, bundle_R)
        first_R = take(self.start_G, bundle_R) - (count_R.cumsum(0) - count_R)
        pair_Q = torch.arange(len(count_R), device=count_R.device).repeat_interleave(count_R)
        place_Q = torch.arange(len(pair_Q), device=pair_Q.device)
        return take(lamp_R, pair_Q), take(first_R, pair_Q) + place_Q, take(object_R, pair_Q)

    def _close(
        self, at_Q: Tensor, ray_Q: Tensor, object_Q: Tensor, direction_3P: Tensor, blur_P: Tensor | None
    ) -> Pairs:
        """The pairs whose ray itself comes close enough; `at_Q` says where its direction and blur are."""
        objects = self.world.objects
        offset_3Q = take(self.origin_3P, ray_Q) - take(objects.center_3M, object_Q)
        direction_3Q = take(direction_3P, at_Q)
        blur = None if blur_P is None else take(blur_P, at_Q)
        bound_Q = take(objects.bound_M, object_Q)
        close_Q = _crosses(dot(offset_3Q, offset_3Q), -dot(offset_3Q, direction_3Q), bound_Q, blur)
        if self.own_P is not None:
            close_Q &= object_Q != take(self.own_P, ray_Q)
        kept = close_Q.nonzero()[:, 0]
        return Pairs(take(at_Q, kept), take(object_Q, kept), take(offset_3Q, kept), take(direction_3Q, kept))


def _crosses(square: Tensor, along: Tensor, reach: Tensor, blur: Tensor | None) -> Tensor:
    """Whether a ray, widened by `blur` per unit of length, comes within `reach` of a centre.

    With `square` the squared distance to the centre and `along` the part of it along the ray, the ray touches
    the widened ball no later than at (along + reach) / (1 - blur), and is that times `blur` wide there.
    """
    if blur is None:
        return (square - along * along < reach * reach) & (along > -reach)
    wide = reach + (along + reach).clamp_min(0) * (blur / (1 - blur.clamp_max(_WIDE)))
    return ((square - along * along < wide * wide) & (along > -reach)) | (blur > _WIDE)
