"""The light that comes back along rays: direct light, indirect light and reflections put together.

Camera rays and the mirror reflections that they see are shaded exactly; reflections of reflections, rough reflections
and the sheen of rubber read the maps of `visreason.render.indirect`. Shapes: P rays or points, K rays of a rough lobe.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from visreason.render import materials, sweep
from visreason.render.indirect import IndirectLight
from visreason.render.lighting import Beam, Points, beams, irradiance
from visreason.render.tracing import FLOOR, Hits, Rays, nearest, normals
from visreason.render.vectors import dot, reflect, spread
from visreason.render.world import World

_STEPS, _FLOOR_STEPS = 9, 6
_MIRROR_STEPS, _MIRROR_FLOOR_STEPS = 5, 5


@dataclass(frozen=True, slots=True)
class Sampling:
    """Which of the rough reflection's rays a sample of a pixel takes.

    Attributes:
        rays: how many rays a pixel has.
        share: number of this sample, below `of`.
        of: how many samples share them.
    """

    rays: int
    share: int = 0
    of: int = 1

    def points(self, device: torch.device) -> Tensor:
        """This sample's share of well spread points of the unit square, [2, K]."""
        return spread(max(self.rays, self.of), device)[:, self.share :: self.of]


class Shader:
    """Shades rays of one batch of scenes."""

    def __init__(self, world: World, light: IndirectLight) -> None:
        self.world, self.light = world, light

    def trace(self, rays: Rays) -> Hits:
        """What camera rays meet."""
        return nearest(rays, self.world, _STEPS, _FLOOR_STEPS)

    def radiance(self, rays: Rays, hits: Hits, group_P: Tensor, sampling: Sampling) -> Tensor:
        """Radiance along camera rays that end at `hits`, [3, P].

        Args:
            rays: the rays.
            hits: where they end.
            group_P: neighbouring rays have the same number (see `Points`).
            sampling: the share of rough reflections' rays to take.
        """
        return self._shade(rays, hits, group_P, sampling)

    def _shade(self, rays: Rays, hits: Hits, group_P: Tensor, sampling: Sampling | None) -> Tensor:
        """As `radiance`; without `sampling` the rays are reflections, and metal they see is taken from the maps."""
        result_3P = torch.zeros_like(rays.direction_3P)
        index = (hits.object_P == FLOOR).nonzero()[:, 0]
        result_3P[:, index] = self._floor(rays.take(index), hits.distance_P[index], group_P[index])
        index = (hits.object_P >= 0).nonzero()[:, 0]
        if len(index) == 0:
            return result_3P
        ray, thing = rays.take(index), hits.object_P[index]
        at_3P = ray.origin_3P + ray.direction_3P * hits.distance_P[index]
        points = Points(at_3P, normals(at_3P, thing, self.world), ray.scene_P, group_P[index], thing)
        light_L = beams(points, self.world)
        metal_P = self.world.objects.metal_M[thing]
        for is_metal, shade in ((False, self._rubber), (True, self._metal)):
            part = (metal_P == is_metal).nonzero()[:, 0]
            if len(part):
                light = [beam.take(part) for beam in light_L]
                result_3P[:, index[part]] = shade(points.take(part), -ray.direction_3P[:, part], light, sampling)
        return result_3P

    def _floor(self, rays: Rays, distance_P: Tensor, group_P: Tensor) -> Tensor:
        at_3P = rays.origin_3P + rays.direction_3P * distance_P
        points = Points(at_3P, sweep.normal(at_3P), rays.scene_P, group_P)
        indirect_3P = self.light.on_floor(at_3P, rays.scene_P)[:3]
        return (irradiance(beams(points, self.world)) + indirect_3P) * (sweep.REFLECTANCE / math.pi)

    def _rubber(self, points: Points, view_3P: Tensor, light_L: list[Beam], sampling: Sampling | None) -> Tensor:
        assert points.own_P is not None
        cosine_P = dot(points.normal_3P, view_3P).clamp(1e-3, 1)
        coat_P = materials.fresnel(cosine_P, materials.COAT_INDEX)
        sheen_P = materials.fresnel(cosine_P, materials.SHEEN_INDEX)
        color_3P = self.world.objects.color_3M[:, points.own_P]
        total_3P = irradiance(light_L) + self.light.ambient(points.at_3P, points.normal_3P, points.own_P)
        body_3P = color_3P * total_3P * ((1 - coat_P) * (1 - (1 - materials.SHEEN) * sheen_P) / math.pi)
        shine_3P = self._shine(
            [materials.coat_light(points.normal_3P, view_3P, beam.toward_3P) for beam in light_L], light_L
        )
        if sampling is not None:
            mirrored_3P = reflect(-view_3P, points.normal_3P)
            shine_3P += self.light.seen(Rays(points.at_3P, mirrored_3P, points.scene_P, points.own_P))
        return body_3P + shine_3P * (coat_P * materials.COAT_GREY)

    def _metal(self, points: Points, view_3P: Tensor, light_L: list[Beam], sampling: Sampling | None) -> Tensor:
        assert points.own_P is not None
        objects = self.world.objects
        along_3P, across_3P = materials.brushed_frame(
            points.at_3P - objects.center_3M[:, points.own_P], points.normal_3P
        )
        axes = (along_3P, across_3P, points.normal_3P)
        local_v_3P = torch.stack([dot(axis, view_3P) for axis in axes])
        mirror_LP, rough_LP = [], []
        for beam in light_L:
            local_l_3P = torch.stack([dot(axis, beam.toward_3P) for axis in axes])
            mirror_LP.append(materials.metal_light(local_v_3P, local_l_3P, materials.MIRROR_ALPHA, beam.spread_P))
            rough_LP.append(materials.metal_light(local_v_3P, local_l_3P, materials.ROUGH_ALPHA, beam.spread_P))
        mirror_3P, rough_3P = self._shine(mirror_LP, light_L), self._shine(rough_LP, light_L)
        mirrored = Rays(points.at_3P, reflect(-view_3P, points.normal_3P), points.scene_P, points.own_P)
        if sampling is None:
            seen_3P = self.light.seen(mirrored)
            mirror_3P, rough_3P = mirror_3P + seen_3P, rough_3P + seen_3P
        else:
            hits = nearest(mirrored, self.world, _MIRROR_STEPS, _MIRROR_FLOOR_STEPS)
            mirror_3P = mirror_3P + self._shade(mirrored, hits, points.group_P, None)
            rough_3P = rough_3P + self._rough(points, axes, local_v_3P, sampling)
        mixed_3P = materials.MIRROR_SHARE * mirror_3P + (1 - materials.MIRROR_SHARE) * rough_3P
        return mixed_3P * objects.color_3M[:, points.own_P]

    def _rough(self, points: Points, axes: tuple[Tensor, ...], local_v_3P: Tensor, sampling: Sampling) -> Tensor:
        """What rough metal reflects of its surroundings, [3, P]."""
        assert points.own_P is not None
        u_2K = sampling.points(local_v_3P.device)
        count = u_2K.shape[1]
        local_3PK, weight_PK = materials.rough_directions(local_v_3P, u_2K)
        direction_3PK = sum(axis[..., None] * part for axis, part in zip(axes, local_3PK, strict=True))
        assert isinstance(direction_3PK, Tensor)
        rays = Rays(
            points.at_3P.repeat_interleave(count, 1),
            direction_3PK.flatten(1),
            points.scene_P.repeat_interleave(count),
            points.own_P.repeat_interleave(count),
        )
        seen_3PK = self.light.seen(rays).reshape(3, -1, count)
        return (seen_3PK * weight_PK).mean(2)

    @staticmethod
    def _shine(reflected_LP: list[Tensor], light_L: list[Beam]) -> Tensor:
        """Highlights of all lamps, [3, P]: reflected share times solid angle times radiance."""
        weight_LP = torch.stack([part * beam.solid_P for part, beam in zip(reflected_LP, light_L, strict=True)])
        return torch.stack([beam.radiance_3 for beam in light_L], dim=1) @ weight_LP
