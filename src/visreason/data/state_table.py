"""The state descriptions of a split's scenes as memory-mapped arrays.

Shape suffixes: S scenes, N objects (padded), D numbers an object.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from visreason.clevr.scenes_file import iter_scenes
from visreason.data.encodings import Encoding, encode_scene
from visreason.data.prepared import prepared
from visreason.errors import DataError

_FORMAT = 1


@dataclass(frozen=True, slots=True)
class StateTable:
    """Every scene of one file as rows of numbers.

    Attributes:
        objects_SND: the objects, zero rows where a scene has fewer than N.
        mask_SN: true where there is an object.
        row: image index to row.
    """

    objects_SND: NDArray[np.float32]
    mask_SN: NDArray[np.bool_]
    row: dict[int, int]

    def rows(self, image_index_Q: NDArray[np.int64], source: Path) -> NDArray[np.int64]:
        """The rows of the scenes that questions are about.

        Raises:
            DataError: a question is about a scene that the file does not hold.
        """
        wanted, place_Q = np.unique(image_index_Q, return_inverse=True)
        for index in wanted.tolist():
            if index not in self.row:
                question = int(np.flatnonzero(image_index_Q == index)[0])
                raise DataError(
                    f"question {question} (counted from 0) is about image {index}, but {source} has no such scene. "
                    "Scenes and questions must be of the same split."
                )
        return np.array([self.row[index] for index in wanted.tolist()], np.int64)[place_Q]


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

    found = prepared(path, parameters, build)
    return StateTable(**found.arrays, row={index: row for row, index in enumerate(found.notes["images"])})
