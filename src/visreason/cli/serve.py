"""`visreason serve`: the studio page and the HTTP API."""

import os
import re
import socket
import sys
import threading
from pathlib import Path

from visreason.cli.importing import undisturbed
from visreason.errors import UsageError


def serve(
    model: list[str] | None = None,
    *,
    data: Path | None = None,
    index: Path | None = None,
    host: str = "127.0.0.1",
    port: int = 8000,
    token: str | None = None,
) -> None:
    """Serve the studio page and the HTTP API: build scenes, ask models, and see how they come to their answers.

    Without models, all runs under runs/ and all shipped models are loaded; without any, scenes can be built and the
    oracle answers.

    Args:
        model: runs, checkpoints, .safetensors files, or names of shipped models.
        data: a data folder whose images may be picked.
        index: an index of images to search in, as `visreason index` makes it.
        host: the address to listen on; beyond this machine only with a token, please.
        port: the port to listen on; 0 takes any that is free.
        token: what every request has to bring, as `Authorization: Bearer TOKEN`; the page asks for it. Other users of
            the machine see flags: better set VISREASON_TOKEN, which is taken where there is no flag.

    Example:
        visreason serve runs/rn-quick runs/san-quick --port 8000
    """
    with undisturbed():
        try:
            import uvicorn
        except ImportError as error:
            raise UsageError(
                "`visreason serve` needs FastAPI and uvicorn: pip install 'visreason[serve]'."
            ) from error
        import torch

        from visreason.render.room import empty_room  # what the first picture would wait for

        # Torch computes without Python's lock, so the other core does this while the rest is imported.
        threading.Thread(target=empty_room, args=(torch.device("cpu"),), daemon=True).start()
        from visreason.serve.application import create_app
        from visreason.serve.guard import LOOPBACK, Gate
        from visreason.serve.limits import Limits
        from visreason.serve.loading import find_runs, load_all, load_models
        from visreason.serve.shown_data import ShownData
        from visreason.serve.studio import Studio
        from visreason.zoo.shipped_models import shipped_names

    limits, token = Limits(), _checked(os.environ.get("VISREASON_TOKEN") if token is None else token)
    with _listen(host, port) as listener:
        if model:
            models = load_models(model, limits)
        else:
            known = [*find_runs(Path("runs")), *shipped_names()]
            models = load_all(known, limits, _tell)
        for name, one in models.items():
            _tell(f"loaded {name}: {one.file.family}, {one.task}")
        if not models:
            _tell(
                "no models: scenes can be built, and the oracle answers. Train one: `visreason train rn-quick`."
            )
        local = host in LOOPBACK or host == "::1"
        if not local and token is None:
            _tell(f"whoever reaches {host} can use this server. Set VISREASON_TOKEN.")
        gate = Gate(token=token, hosts=LOOPBACK if local else None)
        searched = None
        if index is not None:
            from visreason.serve.searching import SearchableIndex  # brings what makes features of images

            searched = SearchableIndex.open(index, limits)
        studio = Studio(models, limits, ShownData(data), searched)
        app = create_app(studio, gate)
        settings = uvicorn.Config(app, log_level="warning", server_header=False, timeout_graceful_shutdown=10)
        print(
            f"the studio: http://{_written(host)}:{listener.getsockname()[1]}/ (Ctrl-C ends it)", flush=True
        )
        try:
            uvicorn.Server(settings).run(sockets=[listener])
        finally:
            studio.close()


def _checked(token: str | None) -> str | None:
    """A token that a header can carry, or none."""
    if token is not None and not re.fullmatch(r"[!-~]+", token):
        raise UsageError("a token is one or more letters, digits and marks of ASCII, without spaces.")
    return token


def _listen(host: str, port: int) -> socket.socket:
    """A socket that listens, so that a wrong address is found before models are loaded."""
    if not 0 <= port <= 65535:
        raise UsageError(f"--port is a number from 0 to 65535; got {port}.")
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        why = error.strerror or str(error)
        raise UsageError(
            f"cannot listen on {host}, port {port}: {why}. Give another --host or --port."
        ) from error


def _written(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _tell(line: str) -> None:
    print(line, file=sys.stderr)
