"""What every request has to pass, and what every response carries: size, host, origin, token, security headers."""

import asyncio
import hmac
from collections.abc import Collection
from dataclasses import dataclass

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from visreason.serve.failures import ApiError, response
from visreason.serve.headers import SECURITY_HEADERS
from visreason.serve.limits import Limits

LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})
"""The names by which a server on loopback may be called."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """Who may come in.

    Attributes:
        token: what `Authorization: Bearer` has to say; None lets everybody in.
        hosts: by which names the server may be called; a page elsewhere that has its name resolve to this machine
            is refused by it. None: any.
        prefix: of the paths that need the token and may not be called by other sites' pages.
        open: paths under it that need no token.
    """

    token: str | None = None
    hosts: Collection[str] | None = LOOPBACK
    prefix: str = "/api/"
    open: Collection[str] = ()


class Guard:
    """The middleware that refuses before anything is read, and bounds what is.

    Args:
        app: what is guarded.
        gate: who may come in.
        limits: how many at once, the longest body, and the longest that a client may keep us waiting for the next part
            of it.
    """

    def __init__(self, app: ASGIApp, gate: Gate, limits: Limits) -> None:
        self._app, self._gate, self._limits = app, gate, limits
        self._inside = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request pass, or answer it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("cache-control", "no-store")
            await send(message)

        refusal = self._refusal(Headers(scope=scope), scope["path"])
        if refusal is not None:
            answer = response(refusal.status, refusal.detail, refusal.headers)
            await answer(scope, receive, send_safely)
            return
        self._inside += 1
        try:
            await self._app(scope, self._bounded(receive), send_safely)
        finally:
            self._inside -= 1

    def _refusal(self, headers: Headers, path: str) -> ApiError | None:
        """Why a request is refused by its head alone."""
        gate = self._gate
        if gate.hosts is not None and _name(headers.get("host", "")) not in gate.hosts:
            return ApiError(
                403, "wrong_host", "this server is not called by that name; see `visreason serve --host`."
            )
        if path.startswith(gate.prefix):
            if headers.get("sec-fetch-site") in ("cross-site", "same-site"):
                return ApiError(403, "wrong_origin", "pages of other sites may not use this server.")
            if path not in gate.open and not self._knows_token(headers):
                message = "give the token that the server was started with: Authorization: Bearer TOKEN."
                return ApiError(401, "unauthorised", message, {"WWW-Authenticate": "Bearer"})
        if self._inside >= self._limits.requests:
            message = f"the server has {self._inside} requests at once; try again soon."
            return ApiError(503, "busy", message, {"Retry-After": "1"})
        length = headers.get("content-length", "0")
        if not (length.isascii() and length.isdigit()):
            return ApiError(400, "bad_request", "the header Content-Length is no number.")
        if len(length) > 18 or int(length) > self._limits.body_bytes:
            return _too_long(self._limits.body_bytes)
        return None

    def _knows_token(self, headers: Headers) -> bool:
        """Whether the token is right, in a time that tells nothing of how nearly."""
        if self._gate.token is None:
            return True
        given = headers.get("authorization", "")
        return hmac.compare_digest(given.encode(), f"Bearer {self._gate.token}".encode())

    def _bounded(self, receive: Receive) -> Receive:
        """A body that ends in an error where it becomes too long or is kept waiting for."""
        got = 0

        async def bounded() -> Message:
            nonlocal got
            if got < 0:  # the body has been read; what follows is the client's leaving
                return await receive()
            try:
                message = await asyncio.wait_for(receive(), self._limits.seconds)
            except TimeoutError:
                raise HTTPException(408, "the rest of the request did not come.") from None
            got += len(message.get("body", b""))
            if got > self._limits.body_bytes:
                raise HTTPException(413, str(_too_long(self._limits.body_bytes)))
            if not message.get("more_body", False):
                got = -1
            return message

        return bounded


def _too_long(most_bytes: int) -> ApiError:
    return ApiError(413, "too_large", f"a request may have {most_bytes:,} bytes. Make the image smaller.")


def _name(host: str) -> str:
    """A host's name without its port.

    Example:
        >>> _name("127.0.0.1:8000"), _name("[::1]:8000"), _name("LOCALHOST")
        ('127.0.0.1', '[::1]', 'localhost')
    """
    name, _, port = host.lower().rpartition(":")
    return name if name and port.isdigit() else host.lower()
