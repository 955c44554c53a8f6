"""Finding images of an index by an image, a scene or words."""

from fastapi import APIRouter, Response
from starlette.concurrency import run_in_threadpool

from visreason.clevr.scene import Scene
from visreason.serve.failures import ApiError
from visreason.serve.pictures import thumbnail, to_png
from visreason.serve.queries import sought
from visreason.serve.scene_records import record_of
from visreason.serve.schemas.looking import IndexPicture, IndexRecord, SearchRequest, SearchResponse
from visreason.serve.studio import StudioHere

router = APIRouter(tags=["search"])


@router.get("/index")
async def index(studio: StudioHere) -> IndexRecord:
    """The index that can be searched."""
    return studio.searchable().record()


@router.get("/index/images/{number}")
async def picture(number: int, studio: StudioHere) -> IndexPicture:
    """An image of the index, and its scene where that is known."""
    return await run_in_threadpool(studio.searchable().picture, number)


@router.get(
    "/index/images/{number}/image",
    response_class=Response,
    responses={200: {"content": {"image/png": {}}, "description": "A PNG."}},
)
async def image(number: int, studio: StudioHere, small: bool = False) -> Response:
    """The image itself, or a small picture of it; a scene without an image is drawn."""
    index = studio.searchable()
    pixels = await run_in_threadpool(index.pixels, number)
    if pixels is None:
        scene = await run_in_threadpool(index.scene, number)
        if scene is None:
            raise ApiError(404, "not_found", "the file of this image is gone.")
        pixels = await studio.picture(scene)
    return Response(
        await run_in_threadpool(to_png, thumbnail(pixels) if small else pixels), media_type="image/png"
    )


@router.post("/search")
async def search(request: SearchRequest, studio: StudioHere) -> SearchResponse:
    """Find the images whose objects stand to each other as in an image, a scene, or a description in words."""
    index = studio.searchable()
    subject = await run_in_threadpool(sought, request, studio.limits.image_pixels)
    if not isinstance(subject, Scene):
        return SearchResponse(results=await index.search(subject, request.k), scene=None)
    seen = subject if index.extract.looks_at == "scenes" else await studio.picture(subject)
    return SearchResponse(results=await index.search(seen, request.k), scene=record_of(subject))
