"""The words of the CLEVR world: what an object can be, how objects can stand to each other, and what that
measures.

Every list is in one fixed order, which tables, encodings and token lists rely on. Numbers: CLEVR v1.0
(Johnson et al., CVPR 2017), `data/properties.json` of its generator.
"""

from collections.abc import Mapping
from types import MappingProxyType

SIZES = ("large", "small")
COLORS = ("gray", "red", "blue", "green", "brown", "purple", "cyan", "yellow")
MATERIALS = ("rubber", "metal")
SHAPES = ("cube", "sphere", "cylinder")

ATTRIBUTES: dict[str, tuple[str, ...]] = {
    "size": SIZES,
    "color": COLORS,
    "material": MATERIALS,
    "shape": SHAPES,
}
"""Attribute name to its values; the order (size, color, material, shape) is that of a noun phrase."""

RELATIONS = ("left", "right", "behind", "front")

RADIUS: Mapping[str, float] = MappingProxyType({"large": 0.7, "small": 0.35})
"""Half the extent of an object in world units; also the height of its centre above the floor."""

PALETTE: Mapping[str, tuple[int, int, int]] = MappingProxyType(
    {
        "gray": (87, 87, 87),
        "red": (173, 35, 35),
        "blue": (42, 75, 215),
        "green": (29, 105, 20),
        "brown": (129, 74, 25),
        "purple": (129, 38, 192),
        "cyan": (41, 208, 208),
        "yellow": (255, 238, 51),
    }
)
"""Colour to RGB in 0..255. CLEVR gives value / 255 to its shaders as *linear* light, without decoding."""

COGENT_COLORS: Mapping[str, Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "A": {
            "cube": ("gray", "blue", "brown", "yellow"),
            "sphere": COLORS,
            "cylinder": ("red", "green", "purple", "cyan"),
        },
        "B": {
            "cube": ("red", "green", "purple", "cyan"),
            "sphere": COLORS,
            "cylinder": ("gray", "blue", "brown", "yellow"),
        },
    }
)
"""CLEVR-CoGenT: condition ("A" or "B") to the colours each shape may have; B swaps cubes and cylinders."""
