"""The light that comes back along rays: direct light, indirect light and reflections put together.

Camera rays and the mirror images that they see are shaded exactly; images within mirror images, rough
reflections and the coat of rubber read the maps of `visreason.render.indirect`. Shapes: P rays or points, K
rays of a rough lobe.
"""

import math

import torch
from torch import Tensor

from visreason.render import materials, sweep
from visreason.render.glints import mirrored_lamps
from visreason.render.indirect import IndirectLight, fan
from visreason.render.lighting import Beam, Points, beams, gathered, irradiance
from visreason.render.room import INDIRECT
from visreason.render.tracing import FLOOR, Hits, Rays, nearest, normals
from visreason.render.vectors import dot, reflect, spread, take
from visreason.render.world import World

_STEPS, _FLOOR_STEPS = 9, 6
_MIRROR_STEPS, _MIRROR_FLOOR_STEPS = 5, 5
_LOBE_RAYS = 8


def lobe_points(shares: int, device: torch.device) -> Tensor:
    """Points of the unit square that the rough reflection of one pixel is sampled at, shared among its
    samples.

    Returns:
        [2, shares, K]: the points of each share, well spread alone and together.
    """
    count = -(-_LOBE_RAYS // shares)
    return spread(count * shares, device).reshape(2, count, shares).transpose(1, 2)


def trace(rays: Rays, world: World) -> Hits:
    """What camera rays meet."""
    return nearest(rays, world, _STEPS, _FLOOR_STEPS)


class Shader:
    """Shades rays of one batch of scenes."""

    def __init__(self, world: World, light: IndirectLight) -> None:
        self.world, self.light = world, light

    def trace(self, rays: Rays) -> Hits:
        """What camera rays meet."""
        return trace(rays, self.world)

    def radiance(self, rays: Rays, hits: Hits, lobe_2PK: Tensor) -> Tensor:
        """Radiance along camera rays that end at `hits`, [3, P].

        Args:
            rays: the rays.
            hits: where they end.
            lobe_2PK: where each ray samples rough reflections (`lobe_points`); one row may serve all rays.
        """
        return self._shade(rays, hits, lobe_2PK)

    def _shade(self, rays: Rays, hits: Hits, lobe_2PK: Tensor | None) -> Tensor:
        """As `radiance`; without `lobe_2PK` the rays are mirrored, and metal shows them what the maps say."""
        result_3P = torch.zeros_like(rays.direction_3P)
        index = (hits.object_P == FLOOR).nonzero()[:, 0]
        result_3P[:, index] = self._floor(rays, hits, index)
        metal_P = torch.zeros_like(hits.object_P, dtype=torch.bool)
        if len(self.world.objects):
            metal_P = take(self.world.objects.metal_M, hits.object_P.clamp_min(0))
        index = ((hits.object_P >= 0) & ~metal_P).nonzero()[:, 0]
        if len(index):
            result_3P[:, index] = self._rubber(
                rays.take(index), self._points(rays, hits, index), lobe_2PK is None
            )
        index = ((hits.object_P >= 0) & metal_P).nonzero()[:, 0]
        if len(index):
            lobe = lobe_2PK
            if lobe is not None and lobe.shape[1] > 1:
                lobe = lobe[:, index]
            result_3P[:, index] = self._metal(rays.take(index), self._points(rays, hits, index), lobe)
        return result_3P

    def _points(self, rays: Rays, hits: Hits, index: Tensor) -> Points:
        """The points of objects that some of the rays hit."""
        at_3P, thing = hits.ends(rays, index), take(hits.object_P, index)
        normal_3P = normals(at_3P, thing, self.world)
        return Points(at_3P, normal_3P, take(rays.scene_P, index), take(rays.group_P, index), thing)

    def _floor(self, rays: Rays, hits: Hits, index: Tensor) -> Tensor:
        at_3P, scene_P = hits.ends(rays, index), take(rays.scene_P, index)
        points = Points(at_3P, sweep.normal(at_3P), scene_P, take(rays.group_P, index))
        total_3P = irradiance(beams(points, self.world)) + self.light.on_floor(at_3P, scene_P, INDIRECT)
        return total_3P * (sweep.REFLECTANCE / math.pi)

    def _rubber(self, rays: Rays, points: Points, mirrored: bool) -> Tensor:
        thing = _owners(points)
        view_3P = -rays.direction_3P
        cosine_P = dot(points.normal_3P, view_3P).clamp(1e-3, 1)
        coat_P = materials.fresnel(cosine_P, materials.COAT_INDEX)
        sheen_P = materials.fresnel(cosine_P, materials.SHEEN_INDEX)
        light_L = beams(points, self.world)
        total_3P = irradiance(light_L) + self.light.ambient(points.at_3P, points.normal_3P, thing)
        body_P = (1 - coat_P) * (1 - (1 - materials.SHEEN) * sheen_P) / math.pi
        coat_LP = [materials.coat_light(points.normal_3P, view_3P, beam.toward_3P) for beam in light_L]
        shine_3P = gathered(coat_LP, light_L)
        if not mirrored:
            shine_3P += self.light.seen(_reflected(rays, points))
        color_3P = take(self.world.objects.color_3M, thing)
        return color_3P * total_3P * body_P + shine_3P * (coat_P * materials.COAT_GREY)

    def _metal(self, rays: Rays, points: Points, lobe_2PK: Tensor | None) -> Tensor:
        objects, thing = self.world.objects, _owners(points)
        offset_3P = points.at_3P - take(objects.center_3M, thing)
        axes = (*materials.brushed_frame(offset_3P, points.normal_3P), points.normal_3P)
        local_v_3P = -torch.stack([dot(axis, rays.direction_3P) for axis in axes])
        light_L = beams(points, self.world)
        rough_3P = gathered([_rough_light(axes, local_v_3P, beam) for beam in light_L], light_L)
        mirrored = _reflected(rays, points)
        hits = nearest(mirrored, self.world, _MIRROR_STEPS, _MIRROR_FLOOR_STEPS)
        mirror_3P = mirrored_lamps(mirrored, hits.distance_P, self.world)
        if lobe_2PK is None:
            seen_3P = self.light.matte(mirrored, hits)
            mirror_3P, rough_3P = mirror_3P + seen_3P, rough_3P + seen_3P
        else:
            mirror_3P = mirror_3P + self._shade(mirrored, hits, None)
            rough_3P = rough_3P + self._rough(points, axes, local_v_3P, lobe_2PK)
        mixed_3P = materials.MIRROR_SHARE * mirror_3P + (1 - materials.MIRROR_SHARE) * rough_3P
        return mixed_3P * take(objects.color_3M, thing)

    def _rough(
        self, points: Points, axes: tuple[Tensor, ...], local_v_3P: Tensor, lobe_2PK: Tensor
    ) -> Tensor:
        """What rough metal reflects of its surroundings, [3, P]."""
        local_3PK, weight_PK = materials.rough_directions(local_v_3P, lobe_2PK)
        along, across, normal = (axis[..., None] for axis in axes)
        rays = fan(points, along * local_3PK[0] + across * local_3PK[1] + normal * local_3PK[2])
        return (self.light.seen(rays).reshape(3, *weight_PK.shape) * weight_PK).mean(2)


def _rough_light(axes: tuple[Tensor, ...], local_v_3P: Tensor, beam: Beam) -> Tensor:
    """What rough metal reflects of one lamp, as a share, [P]."""
    local_l_3P = torch.stack([dot(axis, beam.toward_3P) for axis in axes])
    return materials.rough_light(local_v_3P, local_l_3P, beam.spread_P)


def _reflected(rays: Rays, points: Points) -> Rays:
    """Rays mirrored at the points that they hit."""
    direction_3P = reflect(rays.direction_3P, points.normal_3P)
    return Rays(points.at_3P, direction_3P, points.scene_P, points.group_P, points.own_P)


def _owners(points: Points) -> Tensor:
    """The objects that points lie on."""
    if points.own_P is None:
        raise TypeError("these points lie on no object")
    return points.own_P
