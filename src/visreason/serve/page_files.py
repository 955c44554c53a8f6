"""The studio's page: its files, read once, so that no path of a request ever reaches the file system."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fastapi import FastAPI, Request, Response

PAGE = Path(__file__).parent / "page"
"""The folder of the page; `index.html` is what `/` shows."""

_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webp": "image/webp",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
"""What a page may consist of, by suffix; files of other kinds are not served."""


@dataclass(frozen=True, slots=True)
class PageFile:
    """A file of the page.

    Attributes:
        content: its bytes.
        type: of its content.
        tag: changes with the content.
    """

    content: bytes
    type: str
    tag: str


def read_page(folder: Path = PAGE) -> dict[str, PageFile]:
    """The files of a page by their paths on the server.

    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> _ = (folder / "index.html").write_text("<!doctype html>")
        >>> sorted(read_page(folder))
        ['/', '/index.html']
    """
    files: dict[str, PageFile] = {}
    for path in sorted(folder.rglob("*")):
        if path.suffix in _TYPES and path.is_file():
            content = path.read_bytes()
            tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
            files[f"/{path.relative_to(folder).as_posix()}"] = PageFile(content, _TYPES[path.suffix], tag)
    if "/index.html" in files:
        files["/"] = files["/index.html"]
    return files


def add_page(app: FastAPI, files: Mapping[str, PageFile]) -> None:
    """Let an application serve a page: every file has a route of its own."""

    async def serve(request: Request) -> Response:
        file = files[request.url.path]
        headers = {"etag": file.tag, "cache-control": "no-cache"}
        if request.headers.get("if-none-match") == file.tag:
            return Response(status_code=304, headers=headers)
        return Response(file.content, media_type=file.type, headers=headers)

    for path in files:
        app.add_route(path, serve, methods=["GET"], include_in_schema=False)
