"""What the server holds: models, the renderer, and the data that it may show."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool

from visreason.clevr.camera import HEIGHT, WIDTH
from visreason.clevr.scene import Scene
from visreason.data.images import Pixels
from visreason.serve.decoding import decode_image
from visreason.serve.failures import ApiError
from visreason.serve.limits import Limits
from visreason.serve.loaded import LoadedModel, Seen
from visreason.serve.mistakes import MistakeFinder
from visreason.serve.pictures import Pictures
from visreason.serve.scene_records import scene_of
from visreason.serve.schemas.scenes import SceneRecord
from visreason.serve.shown_data import ShownData
from visreason.serve.waiting import wait_for
from visreason.serve.worker import Worker

if TYPE_CHECKING:  # finding images brings what makes features, and few serve an index
    from visreason.serve.searching import SearchableIndex


@dataclass(slots=True)
class Studio:
    """Everything that requests work with.

    Attributes:
        models: by name.
        limits: what a request may cost.
        data: the data folder that is shown.
        index: the index that is searched, or None.
        pictures: renders scenes.
        mistakes: finds what models got wrong.
    """

    models: dict[str, LoadedModel] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    data: ShownData = field(default_factory=lambda: ShownData(None))
    index: "SearchableIndex | None" = None
    pictures: Pictures = field(init=False)
    mistakes: MistakeFinder = field(init=False)

    def __post_init__(self) -> None:
        self.pictures, self.mistakes = Pictures(self.limits), MistakeFinder(self.limits)

    @property
    def workers(self) -> list[Worker]:
        """All threads that work for requests."""
        of_models = [model.worker for model in self.models.values()]
        searching = [] if self.index is None else [self.index.worker]
        return [self.pictures.worker, self.mistakes.worker, *of_models, *searching]

    def close(self) -> None:
        """Finish what waits, and end all threads."""
        for worker in self.workers:
            worker.close()

    def model(self, name: str) -> LoadedModel:
        """The model of a name in a path.

        Raises:
            ApiError: there is none (404).
        """
        if name not in self.models:
            names = ", ".join(self.models) or "none"
            raise ApiError(404, "not_found", f"no model of this name is loaded. There are: {names}.")
        return self.models[name]

    def searchable(self) -> "SearchableIndex":
        """The index.

        Raises:
            ApiError: the server was started without one (404).
        """
        if self.index is None:
            raise ApiError(404, "not_found", "no index is served. Start with --index INDEX.")
        return self.index

    def chosen(self, names: Sequence[str] | None, able: str) -> list[LoadedModel]:
        """The models of a request: those named, or all that are able (`"answers"` or `"locates"`).

        Raises:
            ApiError: no model has one of the names (404).
        """
        if names is None:
            return [model for model in self.models.values() if getattr(model, able)]
        return [self.model(name) for name in dict.fromkeys(names)]

    async def picture(self, scene: Scene, width: int = WIDTH, height: int = HEIGHT) -> Pixels:
        """A scene rendered.

        Raises:
            ApiError: too many wait (503), or it took too long (504).
        """
        return await wait_for(self.pictures.of(scene, width, height), self.limits.seconds, shared=True)

    async def see(self, record: SceneRecord | None, image: str | None, models: Sequence[LoadedModel]) -> Seen:
        """What a request is about; a scene is rendered where a model looks and no image was given.

        Raises:
            DataError: scene or image are no such.
            ApiError: the image is too large (413), or the renderer too busy (503, 504).
        """
        scene = None if record is None else scene_of(record)
        if image is not None:
            return Seen(scene, await run_in_threadpool(decode_image, image, self.limits.image_pixels))
        if scene is not None and any(model.looks for model in models):
            return Seen(scene, await self.picture(scene))
        return Seen(scene, None)


def _studio_of(request: Request) -> Studio:
    """The studio that serves a request."""
    studio: Studio = request.app.state.studio
    return studio


StudioHere = Annotated[Studio, Depends(_studio_of)]
"""The studio, as routes ask for it."""
