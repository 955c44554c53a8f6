"""Where what can be made again is kept: prepared tables and embedded worlds."""

import os
from pathlib import Path


def cache_folder() -> Path:
    """The user's cache folder: `VISREASON_CACHE`, or `visreason` in the XDG cache folder (`~/.cache`).

    Everything in it can be deleted at any time; it is made again when it is needed.

    Example:
        >>> import os
        >>> os.environ["VISREASON_CACHE"] = "/tmp/vr"
        >>> cache_folder().as_posix()
        '/tmp/vr'
    """
    if chosen := os.environ.get("VISREASON_CACHE"):
        return Path(chosen)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "visreason"
