"""The boxes of a scene's objects on the image: of what is visible of each, and of each as a whole.

The visible boxes come from the mask that the ray-caster draws. The whole box is the outline's, exactly: a
body lies left of the image column X when it lies on one side of the plane through the camera and that column.
With p the body's centre seen from the camera, r and f the camera's axes to the right and forward, F the focal
length and h the body's support function (how far it reaches along a vector),

    n(X) = F r - (X - W/2) f        right edge: n.p + h(n) = 0        left edge: n.p - h(n) = 0

and likewise for rows. Shapes: H, W pixels, N objects, S = 4 sides (left, right, top, bottom).
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from visreason.clevr.attributes import RADIUS
from visreason.clevr.boxes import Box, around, mask_boxes
from visreason.clevr.camera import axes, scene_camera
from visreason.clevr.scene import Scene, SceneObject
from visreason.render.camera import Fit, Lens, make_lens
from visreason.render.shapes import BEVEL, EDGE

_Array = NDArray[np.float64]
_HALVINGS = 32
_PARTS = {
    "sphere": (0.0, 0.0, 0.0, 1.0),
    "cube": (0.0, 1 - EDGE, 1 - EDGE, EDGE),
    "cylinder": (1 - BEVEL, 0.0, 1 - BEVEL, BEVEL),
}
"""Radius of the core's disc, half sides of its square, its half height, and radius of the ball around it."""


def object_boxes(
    scene: Scene, mask_HW: NDArray[np.int16], fit: Fit = "stretch"
) -> list[tuple[Box | None, Box]]:
    """For each object the box of what is visible of it (None where nothing is) and that of its whole outline.

    The whole box reaches beyond the image where the object does, and behind whatever hides it; it always
    holds the visible one.

    Args:
        scene: the scene.
        mask_HW: its mask as the renderer draws it (`Renderer.masks`), of the image's size.
        fit: as given to the renderer.

    Example:
        >>> from visreason.clevr.sampling import sample_scene, scene_rng
        >>> scene = sample_scene(scene_rng(0, "val", 0), 0, "val")
        >>> nothing = np.full((320, 480), -1, dtype=np.int16)
        >>> visible, whole = object_boxes(scene, nothing)[0]
        >>> visible, whole[0] < scene.objects[0].pixel[0] < whole[0] + whole[2]
        (None, True)
    """
    height, width = mask_HW.shape
    visible = mask_boxes(mask_HW, len(scene.objects))
    whole = [_box(sides) for sides in outlines(scene, make_lens(width, height, fit)).tolist()]
    return [(seen, around(seen, all_) if seen else all_) for seen, all_ in zip(visible, whole, strict=True)]


def outlines(scene: Scene, lens: Lens) -> _Array:
    """Left, right, top and bottom of every object's outline, in pixels, not rounded, [N, S].

    Found by halving an interval that holds the root; all objects and sides at once.
    """
    if not scene.objects:
        return np.zeros((0, 4))
    camera = scene_camera(scene)
    right, up, forward = axes(camera)
    from_camera_N3 = np.array([thing.position for thing in scene.objects]) - camera
    depth_N1 = np.maximum(from_camera_N3 @ forward, 1e-6)[:, None]
    across_S3 = np.stack((right, right, -up, -up))
    focal_S = np.array((lens.focal_x, lens.focal_x, lens.focal_y, lens.focal_y))
    middle_S = np.array((lens.width, lens.width, lens.height, lens.height)) / 2
    outward_S = np.array((-1.0, 1.0, -1.0, 1.0))
    centre_NS = focal_S * (from_camera_N3 @ across_S3.T) / depth_N1
    ball_N1 = math.sqrt(3) * np.array([[RADIUS[thing.size]] for thing in scene.objects])
    reach_NS = ball_N1 * (focal_S + np.abs(centre_NS)) / np.maximum(depth_N1 - ball_N1, 1e-6)
    bodies = _Bodies(scene.objects)
    inside_NS, outside_NS = centre_NS, centre_NS + outward_S * reach_NS
    for _ in range(_HALVINGS):
        tried_NS = (inside_NS + outside_NS) / 2
        plane_NS3 = focal_S[:, None] * across_S3 - tried_NS[..., None] * forward
        beyond_NS = outward_S * np.einsum("nsk,nk->ns", plane_NS3, from_camera_N3)
        reached_NS = beyond_NS + bodies.reach(plane_NS3) > 0
        inside_NS = np.where(reached_NS, tried_NS, inside_NS)
        outside_NS = np.where(reached_NS, outside_NS, tried_NS)
    edges_NS: _Array = middle_S + outside_NS
    return edges_NS


class _Bodies:
    """The support functions of several bodies at once: how far each reaches from its centre along a vector.

    A body is a core with a ball around each of its points: an upright cylinder, a box, or a mere point.
    """

    def __init__(self, objects: Sequence[SceneObject]) -> None:
        parts = np.array([RADIUS[thing.size] * np.array(_PARTS[thing.shape]) for thing in objects])
        self.disc_N1, self.square_N1, self.height_N1, self.ball_N1 = np.split(parts, 4, axis=1)
        turn_N1 = np.array([[thing.rotation] for thing in objects])
        self.cos_N1, self.sin_N1 = np.cos(turn_N1), np.sin(turn_N1)

    def reach(self, n_NS3: _Array) -> _Array:
        """max of n.x over each body x, [N, S]."""
        x_NS, y_NS, z_NS = np.moveaxis(n_NS3, 2, 0)
        level_NS = np.hypot(x_NS, y_NS)
        along_NS = np.abs(self.cos_N1 * x_NS + self.sin_N1 * y_NS)
        aside_NS = np.abs(self.cos_N1 * y_NS - self.sin_N1 * x_NS)
        reach_NS: _Array = (
            self.disc_N1 * level_NS
            + self.square_N1 * (along_NS + aside_NS)
            + self.height_N1 * np.abs(z_NS)
            + self.ball_N1 * np.hypot(level_NS, z_NS)
        )
        return reach_NS


def _box(sides: list[float]) -> Box:
    """The pixels whose centres lie within an outline, at least one."""
    left, right, top, bottom = sides
    first = (math.ceil(left - 0.5), math.ceil(top - 0.5))
    last = (math.floor(right - 0.5), math.floor(bottom - 0.5))
    return (*first, max(last[0] - first[0], 0) + 1, max(last[1] - first[1], 0) + 1)
