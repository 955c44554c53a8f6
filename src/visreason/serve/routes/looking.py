"""Boxes: where an expression points, and what the regions of an image are called."""

import asyncio
import time

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool

from visreason.data.regions.box_file import BoxFile, GivenBox
from visreason.errors import UsageError
from visreason.serve.decoding import decode_image
from visreason.serve.oracle import point
from visreason.serve.schemas.looking import LocateRequest, LocateResponse, RegionsRequest, RegionsResponse
from visreason.serve.studio import StudioHere

router = APIRouter(tags=["looking"])


@router.post("/locate")
async def locate(request: LocateRequest, studio: StudioHere) -> LocateResponse:
    """Let models point at what an expression refers to, in a scene or an image.

    Where a scene is given and the expression is worded as ours are, the oracle tells the true box.
    """
    models = studio.chosen(request.models, "locates")
    seen = await studio.see(request.scene, request.image, models)
    image = seen.image
    if image is None:
        if seen.scene is None:
            raise UsageError("give a scene or an image to look at.")
        image = await studio.picture(seen.scene)
    height, width = image.shape[:2]
    boxes = asyncio.gather(
        *(model.locate(request.expression, image, trace=request.trace) for model in models)
    )
    oracle, note = await run_in_threadpool(point, request.expression, seen.scene, width, height)
    return LocateResponse(
        expression=request.expression,
        boxes=await boxes,
        width=width,
        height=height,
        oracle=oracle,
        note=note,
    )


@router.post("/regions")
async def regions(request: RegionsRequest, studio: StudioHere) -> RegionsResponse:
    """Name the boxes of an image, all in the context of all: before reasoning, after each iteration, and in the end."""
    start = time.perf_counter()
    model = studio.model(request.model)
    image = await run_in_threadpool(decode_image, request.image, studio.limits.image_pixels)
    given = [
        GivenBox((x, y, width, height), f"box {row}")
        for row, (x, y, width, height) in enumerate(request.boxes, start=1)
    ]
    boxes, _ = BoxFile(tuple(given)).place(image.shape[1], image.shape[0])
    trace = await model.regions(image, boxes, request.top)
    return RegionsResponse(**trace.to_json(), milliseconds=round(1000 * (time.perf_counter() - start), 2))
