"""CLEVR's lamps: three square area lamps that shine at the origin, and a sun.

Source: the numbers of CLEVR v1.0's `base_scene.blend`. The released scenes move every lamp but the sun by up
to 1 on each axis and do not say where to; ours store it.
"""

from dataclasses import dataclass, replace

from visreason.clevr.scene import Scene, Vector

LAMP_JITTER = 1.0
"""The released scenes move each area lamp by up to this much on each axis."""


@dataclass(frozen=True, slots=True)
class AreaLamp:
    """A one-sided square lamp that faces the origin; the camera does not see it, mirrors do.

    Attributes:
        name: "key", "fill" or "back".
        location: its centre in world units.
        size: its edge in world units.
        radiance: emitted radiance, W/sr/m2 (energy / (pi size^2)).
        color: linear RGB, multiplied with the radiance.
    """

    name: str
    location: Vector
    size: float
    radiance: float
    color: Vector


@dataclass(frozen=True, slots=True)
class Sun:
    """A directional light.

    Attributes:
        direction: unit vector towards the sun.
        angular_diameter: in radians; it softens the shadows.
        irradiance: on a surface facing it, W/m2.
        color: linear RGB.
    """

    direction: Vector
    angular_diameter: float
    irradiance: float
    color: Vector


KEY = AreaLamp("key", (6.44671, -2.905175, 4.258398), 0.5, 100.0, (1.0, 0.932309, 0.816664))
FILL = AreaLamp("fill", (-4.671124, -4.013597, 3.011225), 0.5, 30.0, (0.761666, 0.81772, 1.0))
BACK = AreaLamp("back", (-1.168501, 2.646024, 5.815737), 1.0, 12.5, (1.0, 1.0, 1.0))
SUN = Sun((0.414496, -0.194583, 0.889005), 0.199337, 0.45, (1.0, 1.0, 1.0))

AREA_LAMPS = (KEY, FILL, BACK)


def scene_lamps(scene: Scene) -> tuple[AreaLamp, ...]:
    """The area lamps of a scene (key, fill, back): where it says, else where they stand before jitter."""
    stored = scene.lamps or {}
    return tuple(replace(lamp, location=stored.get(lamp.name, lamp.location)) for lamp in AREA_LAMPS)
