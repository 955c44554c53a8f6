"""What a search found, and what that looks like."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from visreason.clevr.scenes_file import iter_scenes
from visreason.data.images import Pixels, load_image
from visreason.retrieval.index_folder import RetrievalIndex
from visreason.tasks.asking import picture_of


@dataclass(frozen=True, slots=True)
class Result:
    """One image that was found.

    Attributes:
        number: its place in the index.
        name: its file name.
        distance: of its feature to the query's.
    """

    number: int
    name: str
    distance: float


def ranking(
    index: RetrievalIndex, numbers_k: NDArray[np.int64], distances_k: NDArray[np.float32]
) -> list[Result]:
    """The results of one query, nearest first, from what `RetrievalIndex.search` gives.

    Those that faiss did not find are left out.
    """
    return [
        Result(number, index.ids[number], distance)
        for number, distance in zip(numbers_k.tolist(), distances_k.tolist(), strict=True)
        if number >= 0
    ]


def pictures(index: RetrievalIndex, numbers: Sequence[int]) -> dict[int, Pixels]:
    """The images of some results: their files, else pictures drawn from their scenes, by number.

    What has neither is left out.

    Raises:
        DataError: a file cannot be read.
    """
    found: dict[int, Pixels] = {}
    lacking: dict[str, int] = {}
    for number in dict.fromkeys(numbers):
        file = index.image_file(number)
        if file is None:
            lacking[index.ids[number]] = number
        else:
            found[number] = load_image(file)
    if lacking and index.settings.scenes is not None:
        for scene in iter_scenes(index.settings.scenes):
            if scene.image_filename in lacking:
                found[lacking[scene.image_filename]] = picture_of(scene)
    return found
