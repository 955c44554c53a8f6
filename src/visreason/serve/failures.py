"""Everything that can go wrong with a request, as a status and a typed JSON body.

A message never holds what only the server knows: an unforeseen error is logged and told as `internal`.
"""

import logging
from collections.abc import Mapping

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from visreason.errors import DataError, ModelError, ProgramError, UsageError, VisreasonError, VocabularyError
from visreason.serve.headers import SECURITY_HEADERS
from visreason.serve.schemas.common import ErrorDetail, ErrorResponse

LOG = logging.getLogger("visreason.serve")

_KINDS: tuple[tuple[type[VisreasonError], str], ...] = (
    (VocabularyError, "unknown_word"),
    (ProgramError, "ill_posed"),
    (ModelError, "wrong_model"),
    (UsageError, "wrong_use"),
    (DataError, "wrong_data"),
    (VisreasonError, "refused"),
)
_STATUSES = {
    400: "bad_request",
    401: "unauthorised",
    403: "forbidden",
    404: "not_found",
    405: "not_allowed",
    408: "timeout",
    413: "too_large",
}


class ApiError(Exception):
    """A refusal with its status.

    Args:
        status: of HTTP.
        code: for programs.
        message: for people: what was given, what was expected, what to do.
        headers: further headers of the response.
    """

    def __init__(
        self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status, self.detail = status, ErrorDetail(code=code, message=message)
        self.headers = dict(headers or {})


def detail_of(error: VisreasonError) -> ErrorDetail:
    """The code and message of an error that a user can cause.

    Example:
        >>> detail_of(VocabularyError("the word 'rod' is unknown")).code
        'unknown_word'
    """
    code = next(code for kind, code in _KINDS if isinstance(error, kind))
    return ErrorDetail(code=code, message=str(error))


def response(status: int, detail: ErrorDetail, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """The response that tells of an error."""
    return JSONResponse(ErrorResponse(error=detail).model_dump(), status, headers)


def install(app: FastAPI) -> None:
    """Let an application answer every error in this form."""

    @app.exception_handler(ApiError)
    async def refused(request: Request, error: ApiError) -> JSONResponse:
        return response(error.status, error.detail, error.headers)

    @app.exception_handler(VisreasonError)
    async def wrong(request: Request, error: VisreasonError) -> JSONResponse:
        return response(422, detail_of(error))

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        return response(422, ErrorDetail(code="invalid", message=_in_words(error)))

    @app.exception_handler(HTTPException)
    async def plain(request: Request, error: HTTPException) -> JSONResponse:
        code = _STATUSES.get(error.status_code, "refused")
        return response(error.status_code, ErrorDetail(code=code, message=str(error.detail)), error.headers)

    @app.exception_handler(Exception)
    async def unforeseen(request: Request, error: Exception) -> JSONResponse:
        LOG.error("%s %s failed", request.method, request.url.path, exc_info=error)
        message = (
            "the server failed at this; its log says where. That is a fault of visreason: please report it."
        )
        detail = ErrorDetail(code="internal", message=message)
        return response(500, detail, SECURITY_HEADERS)  # no middleware of ours comes after this handler


def _in_words(error: RequestValidationError) -> str:
    """The first few faults of a request, each with its place; what was sent is not repeated."""
    told = []
    for fault in error.errors()[:3]:
        if fault["type"] == "json_invalid":
            return "the body is not JSON. Send an object as the API's description says."
        place = ".".join(str(part) for part in fault["loc"] if part != "body") or "the body"
        told.append(f"{place}: {fault['msg']}")
    return "; ".join(told)
