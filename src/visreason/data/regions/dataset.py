"""Region sets as samples of whole images, and batches of them.

Shape legend: R regions of an image, H x W pixels as resized, C = 3 colours.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from visreason.data.images import Pixels, load_image, resize_image
from visreason.data.regions.boxes import Boxes, mirror
from visreason.data.regions.region_set import RegionSet
from visreason.errors import DataError, UsageError
from visreason.nn.region_batch import RegionBatch


@dataclass(frozen=True, slots=True, eq=False)
class RegionSample:
    """One image as a model is to see it.

    Attributes:
        pixels: uint8 `[H, W, C]`.
        boxes: float32 `[R, 4]` in pixels of it.
        labels: int64 `[R]`.
        index: which image of the set it is.
    """

    pixels: Pixels
    boxes: Boxes
    labels: NDArray[np.int64]
    index: int


class RegionDataset:
    """The images of a set that have regions, resized, and each mirrored too if asked for.

    ```
    scale = min(short / shorter side, long / longer side);   box' = box · scale
    ```

    as in Chen et al. (CVPR 2018), whose pictures are 600/1000. PIL's bilinear filter shrinks them. Mirrored images
    double the set; their boxes are mirrored (x1' = width - 1 - x2) and `left …` and `right …` change places
    in the names of their classes.

    Args:
        regions: the set.
        short: the length that the shorter side gets, in pixels ...
        long: ... unless the longer one would become longer than this.
        flips: give every image a second time, mirrored.

    Raises:
        UsageError: a length is not positive.
        DataError: with `flips`, when a class has no partner (names it).

    Example:
        >>> import tempfile
        >>> from visreason.data.regions.collector import Collector, Found
        >>> from PIL import Image
        >>> file = Path(tempfile.mkdtemp()) / "cup.png"
        >>> Image.new("RGB", (40, 20)).save(file)
        >>> collector = Collector("a cup")
        >>> collector.add(file, 40, 20, [Found((0, 0, 9, 9), "cup", "1")])
        >>> data = RegionDataset(collector.finish(), short=10, long=100, flips=True)
        >>> data[0].pixels.shape, data[0].boxes.tolist(), data[1].boxes.tolist()
        ((10, 20, 3), [[0.0, 0.0, 4.5, 4.5]], [[15.0, 0.0, 19.5, 4.5]])
    """

    def __init__(
        self, regions: RegionSet, *, short: int = 600, long: int = 1000, flips: bool = False
    ) -> None:
        if not 0 < short <= long:
            raise UsageError(
                f"the shorter side gets at most as long as the longer one may be; got {short}, {long}."
            )
        self.regions = regions
        self.short, self.long = short, long
        self.used = [row for row, image in enumerate(regions.images) if len(image)]
        self._swap = swapped_sides(regions.classes) if flips else None

    def __len__(self) -> int:
        """Images, and mirrored ones."""
        return len(self.used) * (1 if self._swap is None else 2)

    def __getitem__(self, index: int) -> RegionSample:
        """One image; from the number of used images on, the same ones mirrored.

        Raises:
            DataError: its file is broken or has another size than the annotations say.
        """
        row = self.used[index % len(self.used)]
        image = self.regions.images[row]
        pixels = load_sized(image.file, image.width, image.height)
        boxes, labels = image.boxes, image.labels
        if index >= len(self.used) and self._swap is not None:
            pixels, boxes, labels = pixels[:, ::-1], mirror(boxes, image.width), self._swap[labels]
        return resized_sample(np.ascontiguousarray(pixels), boxes, labels, row, self.short, self.long)


def resized_sample(
    pixels: Pixels, boxes: Boxes, labels: NDArray[np.int64], index: int, short: int, long: int
) -> RegionSample:
    """An image with its boxes at the size that a model sees; arguments as those of `RegionDataset`.

    Example:
        >>> grey, box = np.full((20, 40, 3), 128, np.uint8), np.float32([[4, 2, 10, 6]])
        >>> sample = resized_sample(grey, box, np.array([1]), 0, short=10, long=100)
        >>> sample.pixels.shape, sample.boxes.tolist()
        ((10, 20, 3), [[2.0, 1.0, 5.0, 3.0]])
    """
    height, width = pixels.shape[:2]
    scale = resized(height, width, short, long)
    size = (max(1, round(height * scale)), max(1, round(width * scale)))
    return RegionSample(resize_image(pixels, size), (boxes * scale).astype(np.float32), labels, index)


def resized(height: int, width: int, short: int, long: int) -> float:
    """By how much an image is scaled; arguments as those of `RegionDataset`.

    Example:
        >>> resized(300, 400, short=600, long=1000)
        2.0
    """
    return min(short / min(height, width), long / max(height, width))


def load_sized(file: Path, width: int, height: int) -> Pixels:
    """An image in the orientation that its annotations were made in: upright, or else as it lies in the file.

    Raises:
        DataError: the file is broken, or has another size than the annotations say.
    """
    pixels = load_image(file)
    if pixels.shape[:2] != (height, width):
        pixels = load_image(file, upright=False)
    if pixels.shape[:2] != (height, width):
        raise DataError(
            f"{file} has {pixels.shape[1]} × {pixels.shape[0]} pixels; its annotations say {width} × {height}, so that "
            "their boxes would be wrong. Take the image they were made on."
        )
    return pixels


def swapped_sides(classes: Sequence[str]) -> NDArray[np.int64]:
    """The class that each becomes in a mirror: `left arm` becomes `right arm`, a cup stays one.

    Raises:
        DataError: a class of one side has no partner.

    Example:
        >>> swapped_sides(["__background__", "cup", "left arm", "right arm"]).tolist()
        [0, 1, 3, 2]
    """
    numbers = {name: number for number, name in enumerate(classes)}
    swap = np.arange(len(classes))
    for number, name in enumerate(classes):
        partner = other_side(name)
        if partner is not None:
            if partner not in numbers:
                raise DataError(
                    f"the class {name!r} becomes {partner!r} in a mirrored image, but there is no such class. Add it, "
                    "or train without mirrored images."
                )
            swap[number] = numbers[partner]
    return swap


def other_side(name: str) -> str | None:
    """The name with left for right, where it begins with one of them.

    Example:
        >>> other_side("left arm"), other_side("right_hand"), other_side("leftovers")
        ('right arm', 'left_hand', None)
    """
    for one, other in (("left", "right"), ("right", "left")):
        if name.startswith((f"{one} ", f"{one}_")):
            return other + name[len(one) :]
    return None


def collate_regions(samples: Sequence[RegionSample]) -> RegionBatch:
    """Images side by side, padded at the bottom and on the right with zeros, with all their regions.

    Example:
        >>> grey = np.full((4, 6, 3), 255, np.uint8)
        >>> one = RegionSample(grey, np.float32([[0, 0, 2, 2]]), np.array([7]), 0)
        >>> other = RegionSample(grey[:, :3], np.float32([[1, 1, 2, 3], [0, 0, 1, 1]]), np.array([8, 9]), 1)
        >>> batch = collate_regions([one, other])
        >>> batch.images.shape, batch.image_rows.tolist(), batch.sizes.tolist()
        (torch.Size([2, 3, 4, 6]), [0, 1, 1], [[4, 6], [4, 3]])
    """
    sizes = torch.tensor([sample.pixels.shape[:2] for sample in samples])
    height, width = sizes.amax(dim=0).tolist()
    images = torch.zeros(len(samples), 3, height, width)
    for row, sample in enumerate(samples):
        picture = torch.from_numpy(np.array(sample.pixels)).permute(2, 0, 1)
        images[row, :, : picture.shape[1], : picture.shape[2]] = picture / 255
    counts = torch.tensor([len(sample.labels) for sample in samples])
    return RegionBatch(
        images=images,
        sizes=sizes,
        boxes=torch.from_numpy(np.concatenate([sample.boxes for sample in samples])),
        image_rows=torch.repeat_interleave(torch.arange(len(samples)), counts),
        labels=torch.from_numpy(np.concatenate([sample.labels for sample in samples])),
        image_index=torch.tensor([sample.index for sample in samples]),
    )
