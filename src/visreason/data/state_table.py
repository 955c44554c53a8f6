"""The state descriptions of a split's scenes as memory-mapped arrays.

Shape suffixes: S scenes, N objects (padded), D numbers an object.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from visreason.clevr.scenes_file import iter_scenes
from visreason.data.encodings import Encoding, encode_scene
from visreason.data.prepared import Prepared, prepared
from visreason.errors import DataError

_FORMAT = 1


@dataclass(frozen=True, slots=True)
class StateTable:
    """Every scene of one file as rows of numbers.

    Attributes:
        prepared: the files that hold the arrays.
        objects_SND: the objects, zero rows where a scene has fewer than N.
        mask_SN: true where there is an object.
        row: image index to row.
    """

    prepared: Prepared = field(repr=False)
    objects_SND: NDArray[np.float32]
    mask_SN: NDArray[np.bool_]
    row: dict[int, int]

    @classmethod
    def of(cls, found: Prepared) -> Self:
        """The table in prepared files."""
        return cls(found, **found.arrays, row={index: row for row, index in enumerate(found.notes["images"])})

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel to another process, such as a loader's worker, as the files' place."""
        return StateTable.of, (self.prepared,)


def open_state_table(path: Path, encoding: Encoding, max_objects: int) -> StateTable:
    """Open the state descriptions of a CLEVR scenes file, preparing them on the first call.

    Raises:
        DataError: the file is missing or broken, or a scene has more than `max_objects` objects.
    """
    parameters = {"kind": "states", "format": _FORMAT, "encoding": encoding, "max_objects": max_objects}

    def build() -> tuple[dict[str, NDArray[np.generic]], dict[str, list[int]]]:
        objects, masks, indices = [], [], []
        for scene in iter_scenes(path):
            objects_ND, mask_N = encode_scene(scene, encoding, max_objects)
            objects.append(objects_ND)
            masks.append(mask_N)
            indices.append(scene.image_index)
        if not objects:
            raise DataError(f"{path} holds no scenes.")
        return {"objects_SND": np.stack(objects), "mask_SN": np.stack(masks)}, {"images": indices}

    return StateTable.of(prepared(path, parameters, build))
