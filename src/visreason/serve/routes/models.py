"""Which models are loaded, what they know, and how right they were."""

from fastapi import APIRouter, Response
from starlette.concurrency import run_in_threadpool

from visreason.data.images import load_image
from visreason.serve.mistakes import FoundMistakes
from visreason.serve.pictures import to_png
from visreason.serve.results import read_results, read_scores
from visreason.serve.schemas.mistakes import Mistakes, MistakeSubject
from visreason.serve.schemas.models import ModelRecord, Results, Words
from visreason.serve.studio import Studio, StudioHere
from visreason.serve.waiting import wait_for

router = APIRouter(tags=["models"], prefix="/models")

_SMALL = (240, 160)
"""Width and height of a scene that is drawn to be recognised."""


@router.get("")
async def models(studio: StudioHere) -> list[ModelRecord]:
    """Every loaded model."""
    return [model.record(read_scores(model)) for model in studio.models.values()]


@router.get("/{name}/words")
async def words(name: str, studio: StudioHere) -> Words:
    """The words and answers that a model knows; others are refused with `unknown_word`."""
    return studio.model(name).words()


@router.get("/{name}/results")
async def results(name: str, studio: StudioHere) -> Results:
    """The last test of a model: its figures with intervals, and what it took for what."""
    return await run_in_threadpool(read_results, studio.model(name))


@router.get("/{name}/mistakes")
async def mistakes(name: str, studio: StudioHere) -> Mistakes:
    """What a model got wrong in its last test: the first answers, boxes and regions, each with what it was about.

    If the test was on a generated world, this world is made again, which can take longer than a request may (504); it
    is there when the request is made again.
    """
    return (await _found(studio, name)).record()


@router.get("/{name}/mistakes/{number}")
async def mistake(name: str, number: int, studio: StudioHere) -> MistakeSubject:
    """One mistake with its scene, where that is known, and the boxes of all regions of its image."""
    return (await _found(studio, name)).open(number)


@router.get(
    "/{name}/mistakes/{number}/image",
    response_class=Response,
    responses={200: {"content": {"image/png": {}}, "description": "A PNG."}},
)
async def mistake_image(name: str, number: int, studio: StudioHere) -> Response:
    """The picture of a mistake; a scene without one is drawn small."""
    subject = (await _found(studio, name)).subject(number)
    if subject.image is not None:
        pixels = await run_in_threadpool(load_image, subject.image)
    else:
        assert subject.scene is not None
        pixels = await studio.picture(subject.scene, *_SMALL)
    return Response(await run_in_threadpool(to_png, pixels), media_type="image/png")


async def _found(studio: Studio, name: str) -> FoundMistakes:
    """The mistakes of a model."""
    return await wait_for(studio.mistakes.of(studio.model(name)), studio.limits.seconds, shared=True)
