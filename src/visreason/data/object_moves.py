"""Training images that are mirrored and shifted, and the places of their objects with them.

Only for what may be mirrored: the names and places of things. In a question left would become right.

Shape suffixes: H rows, W columns, C = 3 colour channels, N objects (padded), D numbers an object.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from visreason.data.images import Pixels
from visreason.data.inputs import Seen
from visreason.errors import UsageError


@dataclass(frozen=True, slots=True)
class Displacement:
    """Mirror half of the images, and shift all of them by whole pixels; the border repeats where nothing is known.

    ```
    x' = m (1 - x) + (1 - m) x + dx / W,   y' = y + dy / H,   m in {0, 1}
    ```

    An object whose centre leaves the image is no longer one of its objects.

    Attributes:
        reach: the largest shift, as a fraction of the image's height, up and down as well as left and right.

    Raises:
        UsageError: a reach that is not from 0 to below 1.

    Example:
        >>> image = np.zeros((8, 12, 3), np.uint8)
        >>> one = np.array([[0.25, 0.5, 9.0, 1.0]], np.float32)  # x, y, depth, and what it is
        >>> moved = Displacement(reach=0.0)(Seen(image, one, np.array([True])), np.random.default_rng(2))
        >>> moved.objects.tolist()
        [[0.75, 0.5, 9.0, 1.0]]
    """

    reach: float = 0.08

    def __post_init__(self) -> None:
        if not 0 <= self.reach < 1:
            raise UsageError(
                f"the reach of a displacement is a fraction of the image, from 0 to below 1; got {self.reach}."
            )

    def __call__(self, seen: Seen, rng: np.random.Generator) -> Seen:
        """Return a moved copy, the same for the same generator state."""
        assert seen.image is not None
        assert seen.objects is not None
        assert seen.object_mask is not None
        height, width = seen.image.shape[:2]
        mirrors = rng.random() < 0.5
        most = round(self.reach * height)
        right, down = (int(one) for one in rng.integers(-most, most, size=2, endpoint=True))
        objects_ND = seen.objects.copy()
        if mirrors:
            objects_ND[:, 0] = 1 - objects_ND[:, 0]
        objects_ND[:, :2] += np.array([right / width, down / height], np.float32)
        inside_N = ((objects_ND[:, :2] >= 0) & (objects_ND[:, :2] < 1)).all(axis=1)
        image_HWC = seen.image[:, ::-1] if mirrors else seen.image
        return replace(
            seen,
            image=_shifted(image_HWC, right, down, most),
            objects=objects_ND,
            object_mask=seen.object_mask & inside_N,
        )


def _shifted(image_HWC: NDArray[np.uint8], right: int, down: int, most: int) -> Pixels:
    """An image moved by at most `most` pixels, its border repeated."""
    height, width = image_HWC.shape[:2]
    wider = np.pad(image_HWC, ((most, most), (most, most), (0, 0)), mode="edge")
    return np.ascontiguousarray(wider[most - down :][:height, most - right :][:, :width])
