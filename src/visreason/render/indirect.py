"""Indirect light: a map of the floor around the objects, and for every object how bright its sides are.

The irradiance of an object is sampled at some points of its surface and kept as a smooth function of normal and height
(second-order spherical harmonics in the normal, first-order ones times the height). It is first filled with direct
light, then rays gather what the floor and the other objects send. The floor gets back what the objects reflect, and
loses what they hide of the wall, each taken as a ball that touches the floor: seen from a point at distance s from
where it stands, a ball of radius r fills the form factor r^3 / (s^2 + r^2)^(3/2).

Shapes: B scenes, M objects, N slots, T entries of a floor map, S samples of an object, K rays of a sample, C terms.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor

from visreason.render import sweep
from visreason.render.lighting import Points, beams, irradiance
from visreason.render.maps import Maps
from visreason.render.room import RoomLight, light_room
from visreason.render.tracing import FLOOR, Rays, nearest, slots
from visreason.render.vectors import frame, normalize, spin, spread
from visreason.render.world import World, per_point

EXTENT = 6.5
"""The floor map reaches from -EXTENT to EXTENT in world x and y."""
_ENTRIES, _TILE = 96, 8
_SAMPLES, _RAYS = 45, 32
_STEPS, _FLOOR_STEPS = 3, 4
_BALL = (1.0, 1.4, 1.3)
_RIDGE = 1e-3


@dataclass(frozen=True, slots=True)
class IndirectLight:
    """What reflections and shades are read from.

    Attributes:
        world: the scenes.
        room: light in the empty room.
        floor: irradiance around the objects: three channels of indirect, three of all light.
        ambient_3CM: indirect irradiance of the objects, terms of `_terms`.
        total_3CM: all of their irradiance.
    """

    world: World
    room: RoomLight
    floor: Maps
    ambient_3CM: Tensor
    total_3CM: Tensor

    def on_floor(self, point_3P: Tensor, scene_P: Tensor) -> Tensor:
        """Irradiance of the floor, [6, P]: indirect, then all."""
        scale = (_ENTRIES - 1) / (2 * EXTENT)
        near_6P = self.floor.at(scene_P, (point_3P[0] + EXTENT) * scale, (point_3P[1] + EXTENT) * scale)
        outside_P = (point_3P[:2].abs().amax(0) > EXTENT).nonzero()[:, 0]
        near_6P[:, outside_P] = self.room.at(point_3P[:, outside_P], scene_P[outside_P])
        return near_6P

    def ambient(self, point_3P: Tensor, normal_3P: Tensor, object_P: Tensor) -> Tensor:
        """Indirect irradiance at points of objects, [3, P]."""
        return _evaluate(self.ambient_3CM, point_3P, normal_3P, object_P, self.world)

    def seen(self, rays: Rays) -> Tensor:
        """Radiance along rays, [3, P], as if everything were matte and smooth: for blurred reflections."""
        hits = nearest(rays, self.world, _STEPS, _FLOOR_STEPS)
        return self.matte(rays, hits.distance_P, hits.object_P)

    def matte(self, rays: Rays, distance_P: Tensor, object_P: Tensor) -> Tensor:
        """Radiance of what rays hit, taken from the maps."""
        origin_3P = rays.origin_3P.expand_as(rays.direction_3P)
        result = torch.zeros_like(rays.direction_3P)
        floor = (object_P == FLOOR).nonzero()[:, 0]
        at_3P = origin_3P[:, floor] + rays.direction_3P[:, floor] * distance_P[floor]
        result[:, floor] = self.on_floor(at_3P, rays.scene_P[floor])[3:] * (sweep.REFLECTANCE / math.pi)
        thing = (object_P >= 0).nonzero()[:, 0]
        owner = object_P[thing]
        at_3P = origin_3P[:, thing] + rays.direction_3P[:, thing] * distance_P[thing]
        outward_3P = normalize(at_3P - self.world.objects.center_3M[:, owner])
        light_3P = _evaluate(self.total_3CM, at_3P, outward_3P, owner, self.world)
        result[:, thing] = light_3P * self.world.objects.color_3M[:, owner] / math.pi
        return result


def indirect_light(world: World) -> IndirectLight:
    """Compute the indirect light of every scene."""
    room = light_room(world)
    points = _floor_points(world)
    direct_3T = irradiance(beams(points, world))
    ambient_3T = room.at(points.at_3P, points.scene_P)[:3]
    floor = _floor_maps(torch.cat((ambient_3T, ambient_3T + direct_3T)), world.size)
    count = len(world.objects.radius_M)
    nothing_3CM = torch.zeros(3, 13, count, device=direct_3T.device)
    light = IndirectLight(world, room, floor, nothing_3CM, nothing_3CM)
    if count == 0:
        return light
    samples, terms_CMS = _object_samples(world)
    direct_3CM = _fit(irradiance(beams(samples, world)), terms_CMS)
    light = IndirectLight(world, room, floor, nothing_3CM, direct_3CM)
    ambient_3CM = _fit(_gather(light, samples), terms_CMS)
    total_3CM = direct_3CM + ambient_3CM
    ambient_3T = ambient_3T + _exchange(total_3CM, ambient_3T, points, world)
    floor = _floor_maps(torch.cat((ambient_3T, ambient_3T + direct_3T)), world.size)
    return IndirectLight(world, room, floor, ambient_3CM, total_3CM)


def _floor_points(world: World) -> Points:
    """The entries of the floor maps, tile by tile, so that neighbours follow each other."""
    device = world.camera_3B.device
    entry = torch.arange(_ENTRIES**2, device=device)
    side = _ENTRIES // _TILE
    tile, inner = entry // _TILE**2, entry % _TILE**2
    row = tile // side * _TILE + inner // _TILE
    column = tile % side * _TILE + inner % _TILE
    step = 2 * EXTENT / (_ENTRIES - 1)
    x_T, y_T = column * step - EXTENT, row * step - EXTENT
    at_3T = torch.stack((x_T, y_T, sweep.height(x_T, y_T)))
    scene_P = torch.arange(world.size, device=device).repeat_interleave(len(entry))
    group_P = scene_P * side**2 + tile.repeat(world.size)
    return Points(at_3T.repeat(1, world.size), sweep.normal(at_3T).repeat(1, world.size), scene_P, group_P)


def _floor_maps(values_6P: Tensor, count: int) -> Maps:
    """Values in the order of `_floor_points` as maps."""
    side = _ENTRIES // _TILE
    tiles = values_6P.reshape(6, count, side, side, _TILE, _TILE).permute(1, 0, 2, 4, 3, 5)
    return Maps.of(tiles.reshape(count, 6, _ENTRIES, _ENTRIES))


@lru_cache(maxsize=4)
def _surface(device: torch.device) -> tuple[Tensor, Tensor]:
    """Well spread points of the unit sphere, cube and cylinder without its bottom, and normals, [3, kind, S]."""
    index = torch.arange(_SAMPLES) + 0.5
    z, turn = 1 - 2 * index / _SAMPLES, index * 2.399963
    ball = torch.stack((turn.cos() * (1 - z * z).sqrt(), turn.sin() * (1 - z * z).sqrt(), z))
    a, b = torch.meshgrid(torch.tensor((-0.65, 0.0, 0.65)), torch.tensor((-0.65, 0.0, 0.65)), indexing="ij")
    a, b, one = a.flatten(), b.flatten(), torch.ones(9)
    sides = [torch.stack(v) for v in ((one, a, b), (-one, a, b), (a, one, b), (a, -one, b), (a, b, one))]
    faces = [torch.tensor(v).repeat(9, 1).T for v in ((1.0, 0, 0), (-1.0, 0, 0), (0, 1.0, 0), (0, -1.0, 0), (0, 0, 1.0))]
    turn = torch.arange(12) * (math.pi / 6)
    ring = torch.stack((turn.cos(), turn.sin(), torch.zeros(12)))
    walls = [ring + torch.tensor((0.0, 0.0, level))[:, None] for level in (-0.65, 0.0, 0.65)]
    point = torch.stack((ball, torch.cat(sides, 1), torch.cat((*walls, sides[-1]), 1)), dim=1)
    normal = torch.stack((ball, torch.cat(faces, 1), torch.cat((ring, ring, ring, faces[-1]), 1)), dim=1)
    return point.to(device), normal.to(device)


def _object_samples(world: World) -> tuple[Points, Tensor]:
    """Sample points of all objects, object by object, and the terms of `_terms` at them, [C, M, S]."""
    objects = world.objects
    point, normal = _surface(objects.radius_M.device)
    cos_M1, sin_M1 = objects.cos_M[:, None], objects.sin_M[:, None]
    normal_3MS = spin(normal[:, objects.kind_M], cos_M1, sin_M1)
    offset_3MS = spin(point[:, objects.kind_M], cos_M1, sin_M1)
    at_3MS = offset_3MS * objects.radius_M[:, None] + objects.center_3M[:, :, None]
    own_P = torch.arange(len(objects.radius_M), device=cos_M1.device).repeat_interleave(_SAMPLES)
    points = Points(at_3MS.flatten(1), normal_3MS.flatten(1), objects.scene_M[own_P], own_P, own_P)
    return points, _terms(normal_3MS, offset_3MS[2])


def _terms(n: Tensor, z: Tensor) -> Tensor:
    """The functions of normal n and height z, in half extents, that irradiance is made of, [C, ...]."""
    one = torch.ones_like(z)
    second = (n[0] * n[1], n[1] * n[2], n[0] * n[2], n[2] * n[2], n[0] * n[0] - n[1] * n[1])
    return torch.stack((one, *n, *second, z, z * n[0], z * n[1], z * n[2]))


def _fit(values_3P: Tensor, terms_CMS: Tensor) -> Tensor:
    """Least-squares coefficients of `_terms` for samples of all objects, [3, C, M]."""
    terms_MCS = terms_CMS.transpose(0, 1)
    values_MS3 = values_3P.reshape(3, -1, _SAMPLES).permute(1, 2, 0)
    normal_MCC = terms_MCS @ terms_MCS.mT
    normal_MCC = normal_MCC + _RIDGE * _SAMPLES * torch.eye(normal_MCC.shape[1], device=values_3P.device)
    return torch.linalg.solve(normal_MCC, terms_MCS @ values_MS3).permute(2, 1, 0).contiguous()


def _evaluate(fit_3CM: Tensor, point_3P: Tensor, normal_3P: Tensor, object_P: Tensor, world: World) -> Tensor:
    """Irradiance at points of objects from fitted coefficients, [3, P], never negative."""
    objects = world.objects
    z_P = (point_3P[2] - objects.center_3M[2, object_P]) / objects.radius_M[object_P]
    terms_CP = _terms(normal_3P, z_P)
    return torch.stack([(fit_CM[:, object_P] * terms_CP).sum(0) for fit_CM in fit_3CM]).clamp_min(0)


def _gather(light: IndirectLight, samples: Points) -> Tensor:
    """Indirect irradiance at samples: pi times the mean radiance along cosine-distributed rays, [3, P]."""
    u, v = spread(_RAYS, samples.at_3P.device)
    turn = 2 * math.pi * v
    aside, across = u.sqrt() * turn.cos(), u.sqrt() * turn.sin()
    first, second = frame(samples.normal_3P)
    direction_3PK = (
        first[..., None] * aside + second[..., None] * across + samples.normal_3P[..., None] * (1 - u).sqrt()
    )
    rays = Rays(
        samples.at_3P.repeat_interleave(_RAYS, 1),
        direction_3PK.flatten(1),
        samples.scene_P.repeat_interleave(_RAYS),
        None if samples.own_P is None else samples.own_P.repeat_interleave(_RAYS),
    )
    return light.seen(rays).reshape(3, -1, _RAYS).mean(2) * math.pi


def _exchange(total_3CM: Tensor, ambient_3T: Tensor, points: Points, world: World) -> Tensor:
    """What objects add to the floor's indirect light and take from it, [3, T]."""
    objects = world.objects
    count = len(objects.radius_M)
    turn_A = torch.arange(8, device=points.at_3P.device) * (math.pi / 4)
    facing_3A = torch.stack((turn_A.cos() * 0.9, turn_A.sin() * 0.9, torch.full_like(turn_A, -0.436)))
    terms_CA = _terms(facing_3A, torch.full_like(turn_A, -0.5))
    sent_3MA = (torch.einsum("dcm,ca->dma", total_3CM, terms_CA)).clamp_min(0) * objects.color_3M[:, :, None]
    mean_3M = sent_3MA.mean(2)
    lean_23M = torch.stack(((sent_3MA * turn_A.cos()).mean(2) * 2, (sent_3MA * turn_A.sin()).mean(2) * 2))
    ball_M = objects.radius_M * torch.tensor(_BALL, device=turn_A.device)[objects.kind_M]
    laid = torch.cat((objects.center_3M[:2], ball_M[None], mean_3M, *lean_23M))
    laid_XNB = slots(laid.reshape(12, count), world)
    wall_x, wall_y = sweep.WALL_DIRECTION
    result = torch.zeros_like(ambient_3T)
    for laid_XB in laid_XNB.unbind(1):
        x, y, radius, *sent = per_point(laid_XB, points.scene_P)
        dx, dy = points.at_3P[0] - x, points.at_3P[1] - y
        square = dx * dx + dy * dy
        inverse = square.clamp_min(1e-6).rsqrt()
        dx, dy = dx * inverse, dy * inverse
        factor = radius**3 * (square + radius * radius).clamp_min(1e-6) ** -1.5
        hidden = factor * (1 - dx * wall_x - dy * wall_y)
        for channel in range(3):
            emitted = sent[channel] + sent[3 + channel] * dx + sent[6 + channel] * dy
            result[channel] += factor * emitted - hidden * ambient_3T[channel]
    return result.maximum(-ambient_3T)


