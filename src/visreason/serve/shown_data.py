"""The images and scenes of a data folder, by split and number: what requests may see of it, and nothing else."""

from functools import cached_property
from itertools import islice
from pathlib import Path

from visreason.clevr.folder import ClevrFolder
from visreason.clevr.scene import Scene
from visreason.clevr.scenes_file import iter_scenes
from visreason.data.features.folder import split_images
from visreason.data.images import Pixels, load_image
from visreason.errors import DataError
from visreason.serve.failures import ApiError
from visreason.serve.scene_records import record_of
from visreason.serve.schemas.looking import DataRecord, PictureRecord, SplitRecord

_SHOWN = 1000
"""Images of a split that are shown: the first of its scenes file, which need not be read further."""


class ShownSplit:
    """The first images of a split, read when they are first asked for."""

    def __init__(self, folder: ClevrFolder, split: str) -> None:
        self._folder, self._split = folder, split

    @cached_property
    def scenes(self) -> dict[str, Scene]:
        """Scenes by the names of their images, in the file's order."""
        file = self._folder.scenes_file(self._split)
        if not file.is_file():
            return {}
        return {scene.image_filename: scene for scene in islice(iter_scenes(file), _SHOWN)}

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The images' names; an image's number is its place here."""
        return tuple(self.scenes) or tuple(islice(split_images(self._folder, self._split), _SHOWN))

    def file(self, name: str) -> Path:
        """Where an image is, if there is one."""
        return self._folder.image_path(self._split, name)


class ShownData:
    """A data folder, or none.

    Args:
        folder: in CLEVR v1.0 layout; None shows nothing.

    Raises:
        DataError: the folder does not exist, or holds no data.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = None if folder is None else ClevrFolder(folder)
        names = () if self._folder is None else self._folder.splits()
        if folder is not None and not names:
            raise DataError(
                f"{folder} has neither scenes nor questions. Give a data folder in CLEVR v1.0 layout."
            )
        self._splits = {name: ShownSplit(self._folder, name) for name in names if self._folder is not None}

    def record(self) -> DataRecord:
        """The splits with their numbers of images."""
        return DataRecord(
            splits=[SplitRecord(split=name, images=len(one.names)) for name, one in self._splits.items()]
        )

    def picture(self, split: str, number: int) -> PictureRecord:
        """What is known of an image.

        Raises:
            ApiError: there is no such image (404).
        """
        shown, name = self._find(split, number)
        scene = shown.scenes.get(name)
        return PictureRecord(
            split=split,
            number=number,
            image_filename=name,
            image=shown.file(name).is_file(),
            scene=None if scene is None else record_of(scene),
        )

    def pixels(self, split: str, number: int) -> Pixels:
        """An image.

        Raises:
            ApiError: there is no such image, or no file of it (404).
            DataError: the file is broken.
        """
        shown, name = self._find(split, number)
        if not shown.file(name).is_file():
            raise ApiError(404, "not_found", "there is no file of this image; render its scene.")
        return load_image(shown.file(name))

    def _find(self, split: str, number: int) -> tuple[ShownSplit, str]:
        """The split, and the name of an image of it."""
        shown = self._splits.get(split)
        if shown is None or not 0 <= number < len(shown.names):
            raise ApiError(404, "not_found", "the data folder that is shown has no such image.")
        return shown, shown.names[number]
