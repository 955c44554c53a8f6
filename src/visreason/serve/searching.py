"""An index of images in memory, with the model that its features were made by and the thread that works with it."""

from collections.abc import Sequence
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from torch import Tensor

from visreason.clevr.scene import Scene
from visreason.clevr.scenes_file import iter_scenes
from visreason.data.images import Pixels, load_image
from visreason.retrieval.extractor import Extractor, Subject, extractor_of
from visreason.retrieval.index_folder import RetrievalIndex
from visreason.serve.failures import ApiError
from visreason.serve.limits import Limits
from visreason.serve.scene_records import record_of
from visreason.serve.schemas.looking import Found, IndexPicture, IndexRecord
from visreason.serve.waiting import wait_for
from visreason.serve.worker import Worker


class SearchableIndex:
    """An index, and what makes the features of queries.

    Args:
        index: what is searched.
        extract: made its features.
        limits: how many requests may wait, and how long one may take.
    """

    def __init__(self, index: RetrievalIndex, extract: Extractor, limits: Limits) -> None:
        self.index, self.extract = index, extract
        self.worker = Worker("the index", limits.waiting, limits.batch)
        self._limits = limits

    @classmethod
    def open(cls, folder: Path, limits: Limits) -> "SearchableIndex":
        """Open an index, and load its model.

        Raises:
            DataError: there is no index, or it is broken.
            ModelError: its model is gone, or another.
        """
        index = RetrievalIndex.open(folder)
        return cls(index, extractor_of(index.settings, device="cpu"), limits)

    def record(self) -> IndexRecord:
        """What the index is."""
        settings = self.index.settings
        return IndexRecord(
            images=len(self.index),
            model=Path(settings.model).name,
            layer=settings.layer,
            aggregation=settings.aggregation,
            reads=self.extract.looks_at,
        )

    async def search(self, subject: Subject, k: int) -> list[Found]:
        """The nearest images, nearest first.

        Raises:
            UsageError: the model reads scenes, and this is an image.
            ApiError: too many requests wait (503), or it took too long (504).
        """
        feature_D = await wait_for(self.worker.submit(self._features, subject), self._limits.seconds)
        numbers, distances = await run_in_threadpool(self.index.search, feature_D[None], k)
        return [
            Found(
                number=number, image_filename=Path(self.index.ids[number]).name, distance=round(distance, 6)
            )
            for number, distance in zip(numbers[0].tolist(), distances[0].tolist(), strict=True)
            if number >= 0
        ]

    def picture(self, number: int) -> IndexPicture:
        """What is known of an image.

        Raises:
            ApiError: there is no such image (404).
        """
        scene = self.scene(number)
        return IndexPicture(
            number=number,
            image_filename=Path(self.index.ids[number]).name,
            image=self.index.image_file(number) is not None,
            scene=None if scene is None else record_of(scene),
        )

    def pixels(self, number: int) -> Pixels | None:
        """An image, or None where there is no file of it.

        Raises:
            ApiError: there is no such image (404).
            DataError: the file is broken.
        """
        file = self.index.image_file(self._known(number))
        return None if file is None else load_image(file)

    def scene(self, number: int) -> Scene | None:
        """The scene of an image, where the index knows of scenes.

        Raises:
            ApiError: there is no such image (404).
        """
        name, scenes = Path(self.index.ids[self._known(number)]).name, self.index.settings.scenes
        if scenes is None or not Path(scenes).is_file():
            return None
        return next((scene for scene in iter_scenes(scenes) if scene.image_filename == name), None)

    def _known(self, number: int) -> int:
        if not 0 <= number < len(self.index):
            raise ApiError(404, "not_found", "the index has no image of this number.")
        return number

    def _features(self, subjects: Sequence[Subject]) -> list[Tensor]:
        return list(self.extract(subjects))
