"""What would change the answer."""

import asyncio

import numpy as np
from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool

from visreason.clevr.counterfactual_edits import Edit
from visreason.clevr.counterfactuals import MinimalPair, changing_edits
from visreason.clevr.question import Question
from visreason.clevr.questions.understand import find_program
from visreason.clevr.relations import DIRECTIONS
from visreason.clevr.scene import Scene, SceneObject
from visreason.errors import UsageError
from visreason.serve.loaded import LoadedModel
from visreason.serve.oracle import NOT_UNDERSTOOD, explain
from visreason.serve.scene_records import record_of, scene_of
from visreason.serve.schemas.asking import (
    CounterfactualRequest,
    CounterfactualResponse,
    EditedScene,
    ModelAnswer,
)
from visreason.serve.studio import Studio, StudioHere

router = APIRouter(tags=["asking"], prefix="/counterfactuals")

_WAYS = {"left": "to the left", "right": "to the right", "behind": "to the back", "front": "to the front"}


@router.post("")
async def counterfactuals(request: CounterfactualRequest, studio: StudioHere) -> CounterfactualResponse:
    """Find edits of one object, at most one of each kind, after which the true answer is another; and ask the models.

    A model that reasons follows the change. The edited scenes are as valid as CLEVR's: nothing overlaps or is hidden.
    """
    scene = scene_of(request.scene)
    pairs = await run_in_threadpool(_changes, request.question, scene, request.seed)
    models = studio.chosen(request.models, "answers")
    scenes = [scene, *(pair.scene for pair in pairs)]
    answers = await asyncio.gather(*(_ask(studio, models, request.question, one) for one in scenes))
    before = explain(find_program(request.question) or (), scene)
    return CounterfactualResponse(
        question=request.question,
        answer=before.answer or "",
        answers=answers[0],
        edits=[
            EditedScene(
                kind=pair.edit.kind,
                object=pair.edit.place,
                text=say_edit(pair.edit),
                scene=record_of(pair.scene),
                answer=pair.after,
                answers=told,
            )
            for pair, told in zip(pairs, answers[1:], strict=True)
        ],
    )


def say_edit(edit: Edit) -> str:
    """An edit in words.

    Example:
        >>> cube = SceneObject("red", "small", "cube", "metal", (0.0, 0.0, 0.35), 0.0, (0.0, 0.0, 0.0))
        >>> say_edit(Edit("remove", 0, cube, None))
        'without the small red metal cube'
    """
    if edit.before is None:
        return f"with a {_name(edit.after)} more"
    if edit.after is None:
        return f"without the {_name(edit.before)}"
    if edit.kind == "move":
        return f"the {_name(edit.before)} further {_WAYS[_way(edit.before, edit.after)]}"
    return f"the {_name(edit.before)} {getattr(edit.after, edit.kind)} instead of {getattr(edit.before, edit.kind)}"


def _changes(text: str, scene: Scene, seed: int) -> list[MinimalPair]:
    """The edits that change the answer to a question that was typed."""
    program = find_program(text)
    if program is None:
        raise UsageError(NOT_UNDERSTOOD)
    question = Question(text, None, program, None, 0, 0, scene.image_filename, scene.split)
    return list(changing_edits(scene, question, np.random.default_rng(seed)))


async def _ask(studio: Studio, models: list[LoadedModel], question: str, scene: Scene) -> list[ModelAnswer]:
    """What all models answer about one scene."""
    seen = await studio.see(record_of(scene), None, models)
    return list(await asyncio.gather(*(model.ask(question, seen, 1, trace=False) for model in models)))


def _way(before: SceneObject, after: SceneObject) -> str:
    """The relation's direction that a move follows most."""
    moved = [b - a for a, b in zip(before.position, after.position, strict=True)]
    return max(_WAYS, key=lambda name: sum(a * b for a, b in zip(moved, DIRECTIONS[name], strict=True)))


def _name(thing: SceneObject | None) -> str:
    return "" if thing is None else f"{thing.size} {thing.color} {thing.material} {thing.shape}"
