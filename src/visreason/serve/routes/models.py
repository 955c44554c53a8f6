"""Which models are loaded, what they know, and how right they were."""

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool

from visreason.serve.results import read_results, read_scores
from visreason.serve.schemas.models import ModelRecord, Results, Words
from visreason.serve.studio import StudioHere

router = APIRouter(tags=["models"], prefix="/models")


@router.get("")
async def models(studio: StudioHere) -> list[ModelRecord]:
    """Every loaded model."""
    return [model.record(read_scores(model.run)) for model in studio.models.values()]


@router.get("/{name}/words")
async def words(name: str, studio: StudioHere) -> Words:
    """The words and answers that a model knows; others are refused with `unknown_word`."""
    return studio.model(name).words()


@router.get("/{name}/results")
async def results(name: str, studio: StudioHere) -> Results:
    """The last test of a model: its figures with intervals, what it took for what, and what it got wrong.

    The first of its wrong answers are told, with their questions and images where the server shows the data.
    """
    return await run_in_threadpool(read_results, studio.model(name), studio.data)
