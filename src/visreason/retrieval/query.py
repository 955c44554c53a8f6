"""What is searched for: an image, or a scene that is described, as a feature."""

from collections.abc import Sequence
from pathlib import Path

from torch import Tensor

from visreason.clevr.scene import Scene, scene_from_json
from visreason.data.images import Pixels, load_image
from visreason.errors import DataError, UsageError
from visreason.files import read_json
from visreason.retrieval.description import description_from_json
from visreason.retrieval.extractor import Extractor
from visreason.retrieval.placing import place_scene
from visreason.retrieval.scene_text import read_description
from visreason.tasks.asking import find_scene, picture_of


def read_scenes(said: str, seed: int = 0, draws: int = 1) -> list[Scene]:
    """Scenes from a line of words, or from a JSON file: one for every draw of what was not said.

    Args:
        said: words as `visreason.retrieval.scene_text` reads them; or the name of a JSON file with a scene as CLEVR
            has it (that scene alone, whatever `draws`), or with what
            `visreason.retrieval.description.description_from_json` reads.
        seed: decides all that was not said.
        draws: how many scenes.

    Raises:
        DataError: the file is missing or broken, or has a word that no scene knows.
        UsageError: the words are not understood, contradict each other, or leave no room; or `draws` is less than 1.

    Example:
        >>> one, other = read_scenes("red metal cube left of large sphere; blue cylinder", draws=2)
        >>> [thing.shape for thing in one.objects], one.objects == other.objects
        (['cube', 'sphere', 'cylinder'], False)
    """
    if draws < 1:
        raise UsageError(f"draw at least 1 scene; got {draws}.")
    if not said.endswith(".json") and not Path(said).is_file():
        described = read_description(said)
    else:
        record = read_json(said)
        if isinstance(record, dict) and "relationships" in record:
            scene = scene_from_json(record, said)
            if not scene.objects:
                raise DataError(f"{said}: the scene has no objects.")
            return [scene]
        if isinstance(record, dict) and "scenes" in record:
            raise DataError(f"{said} holds many scenes; give a file with one of them.")
        described = description_from_json(record, said)
    return [place_scene(described, seed, index) for index in range(draws)]


def scene_feature(extract: Extractor, scenes: Sequence[Scene]) -> tuple[Tensor, Pixels]:
    """The mean feature of scenes, `[1, D]`, through their pictures where the model looks at images; the first picture.

    The mean over several draws says less of what was not said than one draw does.
    """
    if extract.looks_at == "scenes":
        return extract(scenes).mean(dim=0, keepdim=True), picture_of(scenes[0])
    pictures = [picture_of(scene) for scene in scenes]
    return extract(pictures).mean(dim=0, keepdim=True), pictures[0]


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
