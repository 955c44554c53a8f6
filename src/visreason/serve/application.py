"""The application: all routes, the page, and the guards around them."""

from dataclasses import replace
from typing import Any

from fastapi import APIRouter, FastAPI, Response
from fastapi.responses import HTMLResponse

from visreason import __version__
from visreason.serve import failures
from visreason.serve.guard import Gate, Guard
from visreason.serve.page_files import add_page, read_page
from visreason.serve.routes import asking, counterfactuals, data, looking, models, scenes, search, system
from visreason.serve.routes_page import STYLE, routes_page
from visreason.serve.schemas.common import ErrorResponse
from visreason.serve.studio import Studio

PREFIX = "/api/v1"

_OPEN = tuple(f"{PREFIX}/{name}" for name in ("health", "ready", "openapi.json", "docs", "docs.css"))
"""What needs no token."""

_ERRORS = {
    400: "The body is no text, or nested too deeply.",
    401: "The token is missing or wrong.",
    403: "The server was called by another name, or by the page of another site.",
    404: "No model has this name.",
    413: "The body or the image is too large.",
    422: "The request, scene, image or question cannot be used; the message says why.",
    503: "Too many requests wait; `Retry-After` says how many seconds to wait.",
    504: "It took too long.",
}


def create_app(studio: Studio, gate: Gate | None = None) -> FastAPI:
    """The application that serves a studio.

    Args:
        studio: models, renderer and data; whoever made it closes it.
        gate: who may come in; by default whoever calls this machine by its own name.
    """
    gate = replace(gate or Gate(), prefix=PREFIX, open=_OPEN)

    app = FastAPI(
        title="visreason studio",
        version=__version__,
        description="Models of visual reasoning, scenes and the oracle.",
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    app.state.studio = studio
    failures.install(app)
    described: dict[int | str, dict[str, Any]] = {
        status: {"model": ErrorResponse, "description": why} for status, why in _ERRORS.items()
    }
    api = APIRouter(prefix=PREFIX)
    api.include_router(system.router)
    for part in (models, scenes, asking, counterfactuals, looking, data, search):
        api.include_router(part.router, responses=described)
    app.include_router(api)
    _add_docs(app)
    add_page(app, read_page())
    app.add_middleware(Guard, gate=gate, limits=studio.limits)
    return app


def _add_docs(app: FastAPI) -> None:
    """Serve the API's description as a page."""
    style = f"{PREFIX}/docs.css"

    @app.get(f"{PREFIX}/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        return HTMLResponse(routes_page(app.openapi(), style))

    @app.get(style, include_in_schema=False)
    async def style_sheet() -> Response:
        return Response(STYLE, media_type="text/css")
