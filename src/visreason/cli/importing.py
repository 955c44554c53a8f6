"""Importing a lot at once without looking for garbage in it."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def undisturbed() -> Iterator[None]:
    """Import what a verb needs, with garbage collection off, and set apart what was imported.

    Every 700 new objects Python looks for cycles that nobody refers to. Modules stay, so while torch and others are
    imported there are next to none to be found, and the search takes a tenth of the time. What has been imported is
    frozen: later searches pass it over.

    Example:
        >>> with undisturbed():
        ...     gc.isenabled()
        False
        >>> gc.isenabled()
        True
    """
    on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if on:
            gc.enable()
