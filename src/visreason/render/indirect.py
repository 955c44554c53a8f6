"""Indirect light: a map of the floor around the objects, and for every object how bright its sides are.

The floor starts with direct light and what the empty room adds. Objects start with direct light; rays from
samples of their surfaces gather what the floor and the other objects send; then the floor receives what they
reflect. Shapes: B scenes, M objects, T entries of a floor map, C terms of `visreason.render.object_light`, P
rays or points, K rays of a sample.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from visreason.render import sweep
from visreason.render.exchange import exchange
from visreason.render.lighting import Points, beams, irradiance
from visreason.render.maps import Maps
from visreason.render.object_light import TERMS, evaluate, fit, samples
from visreason.render.room import ALL, INDIRECT, RoomLight, light_room
from visreason.render.tracing import FLOOR, Hits, Rays, nearest
from visreason.render.vectors import frame, normalize, spread, take
from visreason.render.world import World

EXTENT = 6.5
"""The floor map reaches from -EXTENT to EXTENT in world x and y."""
_ENTRIES, _TILE = 64, 8
_RAYS = 16
_STEPS, _FLOOR_STEPS = 3, 4


@dataclass(frozen=True, slots=True)
class IndirectLight:
    """What blurred reflections, and the shades of all surfaces, are read from.

    Attributes:
        world: the scenes.
        room: light in the empty room.
        floor: irradiance around the objects, channels `INDIRECT` and `ALL`.
        ambient_3CM: indirect irradiance of the objects.
        total_3CM: all of their irradiance.
    """

    world: World
    room: RoomLight
    floor: Maps
    ambient_3CM: Tensor
    total_3CM: Tensor

    def on_floor(self, point_3P: Tensor, scene_P: Tensor, channels: slice) -> Tensor:
        """Irradiance of the floor, [3, P]: the channels `INDIRECT` or `ALL`."""
        scale = (_ENTRIES - 1) / (2 * EXTENT)
        column_P, row_P = ((point_3P[axis] + EXTENT) * scale for axis in (0, 1))
        result_3P = self.floor.at(scene_P, column_P, row_P, channels)
        outside = (point_3P[:2].abs().amax(0) > EXTENT).nonzero()[:, 0]
        result_3P[:, outside] = self.room.at(take(point_3P, outside), take(scene_P, outside), channels)
        return result_3P

    def ambient(self, point_3P: Tensor, normal_3P: Tensor, object_P: Tensor) -> Tensor:
        """Indirect irradiance at points of objects, [3, P]."""
        return evaluate(self.ambient_3CM, point_3P, normal_3P, object_P, self.world)

    def seen(self, rays: Rays) -> Tensor:
        """Radiance along rays, [3, P], as if everything were matte and smooth: for blurred reflections."""
        return self.matte(rays, nearest(rays, self.world, _STEPS, _FLOOR_STEPS))

    def matte(self, rays: Rays, hits: Hits) -> Tensor:
        """Radiance of what rays hit, taken from the maps, [3, P]."""
        result_3P = torch.zeros_like(rays.direction_3P)
        floor = (hits.object_P == FLOOR).nonzero()[:, 0]
        total_3P = self.on_floor(hits.ends(rays, floor), take(rays.scene_P, floor), ALL)
        result_3P[:, floor] = total_3P * (sweep.REFLECTANCE / math.pi)
        thing = (hits.object_P >= 0).nonzero()[:, 0]
        owner = take(hits.object_P, thing)
        at_3P = hits.ends(rays, thing)
        outward_3P = normalize(at_3P - take(self.world.objects.center_3M, owner))
        light_3P = evaluate(self.total_3CM, at_3P, outward_3P, owner, self.world)
        result_3P[:, thing] = light_3P * take(self.world.objects.color_3M, owner) / math.pi
        return result_3P


def indirect_light(world: World) -> IndirectLight:
    """Compute the indirect light of every scene."""
    room = light_room(world)
    points = _floor_points(world)
    direct_3T = irradiance(beams(points, world))
    ambient_3T = room.at(points.at_3P, points.scene_P, INDIRECT)
    floor = _floor_maps(ambient_3T, direct_3T, len(world))
    dark_3CM = torch.zeros(3, TERMS, len(world.objects), device=world.device)
    if len(world.objects) == 0:
        return IndirectLight(world, room, floor, dark_3CM, dark_3CM)
    places, terms_CMS = samples(world)
    direct_3CM = fit(irradiance(beams(places, world)), terms_CMS)
    once = IndirectLight(world, room, floor, dark_3CM, direct_3CM)
    ambient_3CM = fit(_gather(once, places), terms_CMS)
    total_3CM = direct_3CM + ambient_3CM
    ambient_3T = ambient_3T + exchange(total_3CM, ambient_3T, points, world)
    return IndirectLight(world, room, _floor_maps(ambient_3T, direct_3T, len(world)), ambient_3CM, total_3CM)


def _floor_points(world: World) -> Points:
    """The entries of the floor maps, tile by tile, so that neighbours follow each other."""
    entry = torch.arange(_ENTRIES**2, device=world.device)
    side = _ENTRIES // _TILE
    tile, inner = entry // _TILE**2, entry % _TILE**2
    row = tile // side * _TILE + inner // _TILE
    column = tile % side * _TILE + inner % _TILE
    step = 2 * EXTENT / (_ENTRIES - 1)
    x_T, y_T = column * step - EXTENT, row * step - EXTENT
    at_3T = torch.stack((x_T, y_T, sweep.height(x_T, y_T)))
    count = len(world)
    scene_P = torch.arange(count, device=world.device).repeat_interleave(len(entry))
    group_P = scene_P * side**2 + tile.repeat(count)
    return Points(at_3T.repeat(1, count), sweep.normal(at_3T).repeat(1, count), scene_P, group_P)


def _floor_maps(ambient_3T: Tensor, direct_3T: Tensor, count: int) -> Maps:
    """Indirect and all light, given in the order of `_floor_points`, as maps."""
    side = _ENTRIES // _TILE
    values_6T = torch.cat((ambient_3T, ambient_3T + direct_3T))
    tiles = values_6T.reshape(6, count, side, side, _TILE, _TILE).permute(1, 0, 2, 4, 3, 5)
    return Maps.of(tiles.reshape(count, 6, _ENTRIES, _ENTRIES))


def _gather(light: IndirectLight, places: Points) -> Tensor:
    """Indirect irradiance at samples: pi times the mean radiance along cosine-distributed rays, [3, P]."""
    u, v = spread(_RAYS, places.at_3P.device)
    turn = 2 * math.pi * v
    aside, across = u.sqrt() * turn.cos(), u.sqrt() * turn.sin()
    first, second = frame(places.normal_3P)
    direction_3PK = (
        first[..., None] * aside + second[..., None] * across + places.normal_3P[..., None] * (1 - u).sqrt()
    )
    rays = fan(places, direction_3PK)
    return light.seen(rays).reshape(3, -1, _RAYS).mean(2) * math.pi


def fan(points: Points, direction_3PK: Tensor) -> Rays:
    """K rays from each of some points of objects, one group a point."""
    count = direction_3PK.shape[2]
    point_P = torch.arange(direction_3PK.shape[1], device=direction_3PK.device).repeat_interleave(count)
    return Rays(
        take(points.at_3P, point_P),
        direction_3PK.flatten(1),
        take(points.scene_P, point_P),
        point_P,
        None if points.own_P is None else take(points.own_P, point_P),
    )
