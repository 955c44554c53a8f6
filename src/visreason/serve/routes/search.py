"""Finding images of an index by an image, a scene or words."""

from fastapi import APIRouter, Response
from starlette.concurrency import run_in_threadpool

from visreason.clevr.scene import Scene
from visreason.serve.pictures import to_png
from visreason.serve.scene_records import record_of
from visreason.serve.schemas.looking import IndexRecord, SearchRequest, SearchResponse
from visreason.serve.searching import sought
from visreason.serve.studio import StudioHere

router = APIRouter(tags=["search"])


@router.get("/index")
async def index(studio: StudioHere) -> IndexRecord:
    """The index that can be searched."""
    return studio.searchable().record()


@router.get(
    "/index/images/{number}",
    response_class=Response,
    responses={200: {"content": {"image/png": {}}, "description": "A PNG."}},
)
async def thumbnail(number: int, studio: StudioHere) -> Response:
    """A small picture of an image of the index."""
    pixels = await run_in_threadpool(studio.searchable().thumbnail, number)
    return Response(await run_in_threadpool(to_png, pixels), media_type="image/png")


@router.post("/search")
async def search(request: SearchRequest, studio: StudioHere) -> SearchResponse:
    """Find the images whose objects stand to each other as in an image, a scene, or a description in words."""
    index = studio.searchable()
    subject = await run_in_threadpool(sought, request, studio.limits.image_pixels)
    if not isinstance(subject, Scene):
        return SearchResponse(results=await index.search(subject, request.k), scene=None)
    seen = subject if index.extract.looks_at == "scenes" else await studio.picture(subject)
    return SearchResponse(results=await index.search(seen, request.k), scene=record_of(subject))
