"""Asking models and the oracle."""

import asyncio
from collections.abc import Sequence

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool

from visreason.clevr.questions.purpose import QUESTIONS, REFERRING
from visreason.clevr.questions.understand import known_words
from visreason.serve.loaded import LoadedModel, Seen
from visreason.serve.oracle import tell
from visreason.serve.schemas.asking import AskRequest, AskResponse, BatchRequest, BatchResponse, TypedWords
from visreason.serve.studio import StudioHere

router = APIRouter(tags=["asking"], prefix="/ask")

_AT_ONCE = 8
"""Questions of one request that are asked at the same time; others' come between."""


@router.post("")
async def ask(request: AskRequest, studio: StudioHere) -> AskResponse:
    """Ask models a question about a scene or an image.

    A model that cannot answer (a word it does not know, an image in place of the scene that it reads) says so in its
    own `error`; the others answer. Where a scene is given and the question is worded as CLEVR words its own, the oracle
    tells the true answer and what every step of the program finds.
    """
    models = studio.chosen(request.models, "answers")
    seen = await studio.see(request.scene, request.image, models)
    return await _asked(request.question, models, seen, request.top, trace=request.trace)


@router.post("/batch")
async def ask_batch(request: BatchRequest, studio: StudioHere) -> BatchResponse:
    """Ask models several questions about the same scene or image."""
    models = studio.chosen(request.models, "answers")
    seen = await studio.see(request.scene, request.image, models)
    gate = asyncio.Semaphore(_AT_ONCE)

    async def in_turn(question: str) -> AskResponse:
        async with gate:
            return await _asked(question, models, seen, request.top, trace=request.trace)

    return BatchResponse(results=await asyncio.gather(*map(in_turn, request.questions)))


@router.get("/words")
async def words() -> TypedWords:
    """The words that the oracle understands, in questions and in expressions that refer to something."""
    asked, referring = await run_in_threadpool(lambda: (known_words(QUESTIONS), known_words(REFERRING)))
    return TypedWords(questions=sorted(asked), expressions=sorted(referring))


async def _asked(
    question: str, models: Sequence[LoadedModel], seen: Seen, top: int, *, trace: bool
) -> AskResponse:
    """One question to all."""
    answers = asyncio.gather(*(model.ask(question, seen, top, trace=trace) for model in models))
    oracle, note = await run_in_threadpool(tell, question, seen.scene)
    return AskResponse(question=question, answers=await answers, oracle=oracle, note=note)
