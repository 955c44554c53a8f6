"""Drawing scenes of the region world: anti-aliased shapes with marks, patterns and blur on rough ground.

A shape covers a pixel by how far the pixel's centre lies within its outline: all of it from half a pixel on. A region's
visible pixels are those that it covers by half or more, and that nothing hides; its box is the tightest around them.

Shape suffixes: H x W pixels of the image, h x w of the window of one region, C = 3 colours.
"""

from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from visreason.region_world.classes import CLASSES, GROVES, RegionClass
from visreason.region_world.scene import GRID, Region, RegionScene
from visreason.region_world.shapes import SHAPES, disc

Color = tuple[int, int, int]

_RADIUS = MappingProxyType({"sharp": 0.25, "blurred": 0.25, "occluded": 0.25, "tiny": 0.15})
"""Radius by view, in sites."""

_BLUR = 0.055
"""Standard deviation of a blur, in sites."""

_MARK = 0.42
"""Radius of a mark, in radii of what it is on."""

_GROVE_COLORS: tuple[Color, ...] = ((118, 128, 52), (48, 128, 122), (128, 84, 152), (150, 98, 56))
_MARK_COLORS: tuple[Color, ...] = ((228, 40, 40), (248, 226, 60), (250, 250, 250), (40, 80, 240))
_TREE_COLORS: tuple[Color, ...] = ((30, 160, 70), (244, 140, 30), (240, 110, 180), (60, 200, 236))
_TREE_SHAPES = ("star", "ring", "diamond", "hexagon")
_TREE_LOOKS = (9, 2, 15, 4, 0, 7, 13, 10, 3, 12, 6, 1, 8, 5, 14, 11)
"""For every tree, which of the sixteen pairs of shape and colour it has: in no order that could be learned."""

_GROUND: Color = (196, 192, 180)
_ROUGHNESS, _PATCHES = 12.0, 9


@dataclass(frozen=True, slots=True)
class Paint:
    """How the classes of one look are drawn.

    Attributes:
        shape: of `SHAPES`.
        color: of it.
        second: the other colour of its pattern.
        pattern: `"checks"` or `"stripes"`, or nothing.
        turns: whether it stands at any angle.
    """

    shape: str
    color: Color
    second: Color = (0, 0, 0)
    pattern: str = ""
    turns: bool = True


@dataclass(frozen=True, slots=True)
class Drawn:
    """A scene as drawn.

    Attributes:
        image: uint8 `[H, W, C]`, RGB.
        masks: bool `[H, W]` each, the visible pixels of every region in the order of the scene.
    """

    image: NDArray[np.uint8]
    masks: tuple[NDArray[np.bool_], ...]

    def box(self, region: int) -> tuple[int, int, int, int]:
        """The tightest box around a region's visible pixels: x and y of the upper left pixel, width, height."""
        mask_HW = self.masks[region]
        rows, columns = np.flatnonzero(mask_HW.any(axis=1)), np.flatnonzero(mask_HW.any(axis=0))
        x, y = int(columns[0]), int(rows[0])
        return x, y, int(columns[-1]) - x + 1, int(rows[-1]) - y + 1


def draw_region_scene(scene: RegionScene, side: int) -> Drawn:
    """Draw a scene.

    Args:
        scene: what there is.
        side: height and width of the image in pixels; everything grows with it.

    Example:
        >>> from visreason.region_world.scene import RegionDesign, sample_region_scene
        >>> drawn = draw_region_scene(sample_region_scene(np.random.default_rng(0), RegionDesign(), 0, "val"), 96)
        >>> drawn.image.shape, drawn.image.dtype
        ((96, 96, 3), dtype('uint8'))
    """
    image_HWC = _ground(scene.ground, side)
    covers = [np.zeros((side, side)) for _ in scene.regions]
    order = sorted(range(len(scene.regions)), key=lambda place: scene.regions[place].of.kind == "rail")
    for place in order:
        region = scene.regions[place]
        window, cover_hw, color_hwC = _stamp(region, side)
        part_hwC = image_HWC[window]
        part_hwC += cover_hw[..., None] * (color_hwC - part_hwC)
        covers[place][window] = cover_hw
        if region.of.kind == "rail":
            covers[place - 1][covers[place] >= 0.5] = 0  # a rail comes right behind what it hides
    masks = tuple(cover_HW >= 0.5 for cover_HW in covers)
    return Drawn(np.rint(image_HWC.clip(0, 255)).astype(np.uint8), masks)


def _ground(seed: int, side: int) -> NDArray[np.float64]:
    """The ground, `[H, W, C]`: coarse patches and fine grain."""
    rng = np.random.default_rng(seed)
    coarse = rng.normal(0, _ROUGHNESS, (_PATCHES, _PATCHES))
    at_H = np.linspace(0, _PATCHES - 1, side)
    spread_HP = (1 - abs(at_H[:, None] - np.arange(_PATCHES))).clip(0)  # linear from patch to patch
    level_HW = spread_HP @ coarse @ spread_HP.T + rng.normal(0, _ROUGHNESS / 3, (side, side))
    ground_HWC: NDArray[np.float64] = level_HW[..., None] + np.array(_GROUND, np.float64)
    return ground_HWC


def _stamp(region: Region, side: int) -> tuple[tuple[slice, slice], NDArray[np.float64], NDArray[np.float64]]:
    """Where a region is drawn, how far it covers each pixel there, `[h, w]`, and its colours, `[h, w, C]`."""
    site = side / GRID
    radius = _RADIUS[region.view] * region.swell * site
    blur = _BLUR * site if region.view == "blurred" else 0.0
    reach = 1.35 * radius + 3 * blur + 1
    rows, columns = (_span(center * site, reach, side) for center in (region.y, region.x))
    y_hw, x_hw = np.meshgrid(
        np.arange(rows.start, rows.stop) + 0.5 - region.y * site,
        np.arange(columns.start, columns.stop) + 0.5 - region.x * site,
        indexing="ij",
    )
    paint = PAINTS[region.of.look]
    if paint.turns:
        cosine, sine = np.cos(region.turn), np.sin(region.turn)
        x_hw, y_hw = cosine * x_hw + sine * y_hw, cosine * y_hw - sine * x_hw
    x_hw, y_hw = x_hw / radius, y_hw / radius
    cover_hw = (0.5 - SHAPES[paint.shape](x_hw, y_hw) * radius).clip(0, 1)
    color_hwC = _pattern(paint, x_hw, y_hw)
    if region.view == "sharp" and region.of.mark is not None:
        mark_hw1 = (0.5 - (disc(x_hw / _MARK, y_hw / _MARK) * _MARK * radius)).clip(0, 1)[..., None]
        color_hwC = color_hwC + mark_hw1 * (np.array(_MARK_COLORS[region.of.mark], np.float64) - color_hwC)
    color_hwC = color_hwC + np.array(region.tint)
    return (rows, columns), _blurred(cover_hw, blur), color_hwC


def _span(center: float, reach: float, side: int) -> slice:
    """The pixels within a reach of a centre, cut at the image's edges."""
    return slice(max(0, int(center - reach)), min(side, int(center + reach) + 1))


def _pattern(paint: Paint, x_hw: NDArray[np.float64], y_hw: NDArray[np.float64]) -> NDArray[np.float64]:
    """The colours of a paint, `[h, w, C]`."""
    odd_hw = np.floor(y_hw / 0.4)
    if paint.pattern == "checks":
        odd_hw = odd_hw + np.floor(x_hw / 0.48)
    second_hw1 = (odd_hw % 2 if paint.pattern else np.zeros_like(x_hw))[..., None]
    first, second = np.array(paint.color, np.float64), np.array(paint.second, np.float64)
    return first + second_hw1 * (second - first)


def _blurred(cover_hw: NDArray[np.float64], deviation: float) -> NDArray[np.float64]:
    """A Gaussian blur; what lies outside the window is not covered."""
    if not deviation:
        return cover_hw
    reach = int(np.ceil(3 * deviation))
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / deviation) ** 2)
    kernel /= kernel.sum()
    for axis in (0, 1):
        cover_hw = np.apply_along_axis(np.convolve, axis, cover_hw, kernel, mode="same")
    return cover_hw


def _paint(one: RegionClass) -> Paint:
    """How a class is drawn, but for its mark."""
    if one.kind == "tree" and one.grove is not None and one.tree is not None:
        number = _TREE_LOOKS[one.grove * len(GROVES[0]) + one.tree]
        return Paint(_TREE_SHAPES[number // 4], _TREE_COLORS[number % 4])
    if one.grove is not None:
        shape = {"leaf": "triangle", "seed": "disc", "bough": "cross"}[one.kind]
        return Paint(shape, _GROVE_COLORS[one.grove])
    others = {
        "fitting": Paint("block", (104, 104, 112)),
        "mill": Paint("house", (226, 214, 190), (132, 52, 44), "checks", turns=False),
        "post": Paint("column", (226, 214, 190), (40, 62, 120), "stripes", turns=False),
        "rail": Paint("bar", (44, 38, 36), turns=False),
    }
    return others[one.look]


PAINTS = MappingProxyType({one.look: _paint(one) for one in CLASSES})
"""How every look is drawn."""
