"""Is the server there, and can it work?"""

from fastapi import APIRouter, Response

from visreason import __version__
from visreason.serve.schemas.common import Health, Ready
from visreason.serve.studio import StudioHere

router = APIRouter(tags=["system"])


@router.get("/health")
async def health() -> Health:
    """Whether the server answers; needs no token."""
    return Health(version=__version__)


@router.get("/ready", responses={503: {"model": Ready}})
async def ready(studio: StudioHere, response: Response) -> Ready:
    """Whether every model and the renderer work, and how many requests wait at each; needs no token."""
    workers = studio.workers
    working = all(worker.alive for worker in workers)
    response.status_code = 200 if working else 503
    return Ready(ready=working, waiting={worker.name: len(worker) for worker in workers})
