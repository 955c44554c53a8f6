"""What a request searches for: an image, a scene, or a scene in words."""

from visreason.clevr.scene import Scene
from visreason.data.images import Pixels
from visreason.errors import UsageError
from visreason.retrieval.placing import place_scene
from visreason.retrieval.scene_text import read_description
from visreason.serve.decoding import decode_image
from visreason.serve.scene_records import scene_of
from visreason.serve.schemas.looking import SearchRequest


def sought(request: SearchRequest, most_pixels: int) -> Pixels | Scene:
    """What a request searches for.

    Raises:
        UsageError: not exactly one thing is given, or the words are not understood.
        DataError: the image or the scene is no such.
        ApiError: the image is too large (413).
    """
    given = [request.image, request.scene, request.text]
    if sum(one is not None for one in given) != 1:
        raise UsageError("give exactly one of image, scene and text.")
    if request.image is not None:
        return decode_image(request.image, most_pixels)
    if request.scene is not None:
        return scene_of(request.scene)
    return place_scene(read_description(request.text or ""))
