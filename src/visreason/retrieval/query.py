"""What is searched for: an image, or a scene that is described, as a feature."""

from pathlib import Path

from torch import Tensor

from visreason.clevr.scene import Scene, scene_from_json
from visreason.data.images import Pixels, load_image
from visreason.errors import DataError
from visreason.files import read_json
from visreason.retrieval.description import description_from_json
from visreason.retrieval.extractor import Extractor
from visreason.retrieval.placing import place_scene
from visreason.retrieval.scene_text import read_description
from visreason.tasks.asking import find_scene, picture_of


def read_scene(said: str, seed: int = 0) -> Scene:
    """A scene from a line of words, or from a JSON file.

    Args:
        said: words as `visreason.retrieval.scene_text` reads them; or the name of a JSON file with a scene as CLEVR
            has it, or with what `visreason.retrieval.description.description_from_json` reads.
        seed: decides all that was not said.

    Raises:
        DataError: the file is missing or broken, or has a word that no scene knows.
        UsageError: the words are not understood, contradict each other, or leave no room.

    Example:
        >>> [thing.shape for thing in read_scene("red metal cube left of large sphere; blue cylinder").objects]
        ['cube', 'sphere', 'cylinder']
    """
    if not said.endswith(".json") and not Path(said).is_file():
        return place_scene(read_description(said), seed)
    record = read_json(said)
    if isinstance(record, dict) and "relationships" in record:
        scene = scene_from_json(record, said)
        if not scene.objects:
            raise DataError(f"{said}: the scene has no objects.")
        return scene
    if isinstance(record, dict) and "scenes" in record:
        raise DataError(f"{said} holds many scenes; give a file with one of them.")
    return place_scene(description_from_json(record, said), seed)


def scene_feature(extract: Extractor, scene: Scene) -> tuple[Tensor, Pixels]:
    """The feature of a scene, `[1, D]`, through its picture where the model looks at images; and the picture."""
    picture = picture_of(scene)
    return extract([scene if extract.looks_at == "scenes" else picture]), picture


def image_feature(extract: Extractor, image: Path) -> tuple[Tensor, Pixels]:
    """The feature of an image file, `[1, D]`, and the image.

    A model that reads scene descriptions finds the image's scene in the data folder that it lies in.

    Raises:
        DataError: the image cannot be read.
        UsageError: the model reads scenes, and there is none.
    """
    if extract.looks_at == "scenes":
        scene = find_scene(image, None)
        return extract([scene]), load_image(image) if image.is_file() else picture_of(scene)
    pixels = load_image(image)
    return extract([pixels]), pixels
