"""The data folder that the server shows: images to pick from."""

from fastapi import APIRouter, Response
from starlette.concurrency import run_in_threadpool

from visreason.serve.pictures import to_png
from visreason.serve.schemas.looking import DataRecord, PictureRecord
from visreason.serve.studio import StudioHere

router = APIRouter(tags=["data"], prefix="/data")


@router.get("")
async def data(studio: StudioHere) -> DataRecord:
    """The splits of the data folder; none where the server was started without one."""
    return await run_in_threadpool(studio.data.record)


@router.get("/{split}/{number}")
async def picture(split: str, number: int, studio: StudioHere) -> PictureRecord:
    """An image of the data folder, and its scene where that is known."""
    return await run_in_threadpool(studio.data.picture, split, number)


@router.get(
    "/{split}/{number}/image",
    response_class=Response,
    responses={200: {"content": {"image/png": {}}, "description": "A PNG."}},
)
async def image(split: str, number: int, studio: StudioHere) -> Response:
    """The image itself."""
    pixels = await run_in_threadpool(studio.data.pixels, split, number)
    return Response(await run_in_threadpool(to_png, pixels), media_type="image/png")
