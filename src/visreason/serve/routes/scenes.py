"""Making, checking and rendering scenes, and questions about them."""

from fastapi import APIRouter, Response
from starlette.concurrency import run_in_threadpool

from visreason.clevr.programs import program_to_json
from visreason.clevr.questions import QuestionEngine
from visreason.clevr.sampling import sample_scene, scene_rng
from visreason.clevr.scene import Scene
from visreason.serve.pictures import to_png
from visreason.serve.scene_records import check_scene, record_of, scene_of
from visreason.serve.schemas.scenes import (
    CheckRequest,
    MadeQuestion,
    Node,
    QuestionsRequest,
    RenderRequest,
    SampleRequest,
    SceneCheck,
    SceneResponse,
)
from visreason.serve.studio import StudioHere

router = APIRouter(tags=["scenes"], prefix="/scenes")


@router.post("/sample")
async def sample(request: SampleRequest) -> SceneResponse:
    """Make a random scene as CLEVR's are; the same one for the same seed."""
    return SceneResponse(scene=record_of(await run_in_threadpool(_sampled, request)))


@router.post("/check")
async def check(request: CheckRequest) -> SceneCheck:
    """Complete a scene, and say where it is not as CLEVR's are: what overlaps, stands outside or is hidden."""
    return await run_in_threadpool(lambda: check_scene(scene_of(request.scene)))


@router.post(
    "/render",
    response_class=Response,
    responses={200: {"content": {"image/png": {}}, "description": "A PNG."}},
)
async def render(request: RenderRequest, studio: StudioHere) -> Response:
    """Render a scene; about a third of a second at 480x320, a tenth at 240x160."""
    pixels = await studio.picture(scene_of(request.scene), request.width, request.height)
    return Response(await run_in_threadpool(to_png, pixels), media_type="image/png")


@router.post("/questions")
async def questions(request: QuestionsRequest) -> list[MadeQuestion]:
    """Make questions about a scene, with their programs and true answers; fewer where it allows no more."""
    return await run_in_threadpool(_questions, scene_of(request.scene), request.count, request.seed)


def _sampled(request: SampleRequest) -> Scene:
    low, high = (3, 10) if request.objects is None else (request.objects, request.objects)
    return sample_scene(scene_rng(request.seed, "studio", 0), 0, "studio", low, high)


def _questions(scene: Scene, count: int, seed: int) -> list[MadeQuestion]:
    made = QuestionEngine(seed=seed).generate([scene], count)
    return [
        MadeQuestion(
            question=one.text,
            type=one.type or "",
            program=[Node.model_validate(node) for node in program_to_json(one.program or ())],
            answer=one.answer or "",
        )
        for one in made
    ]
