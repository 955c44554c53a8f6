"""Mitsuba without LLVM, which works everywhere."""

from collections.abc import Iterator
from types import ModuleType

import pytest

from visreason.render.mitsuba.backend import using


@pytest.fixture
def mitsuba() -> Iterator[ModuleType]:
    """The module, in its scalar variant."""
    pytest.importorskip("mitsuba")
    with using("scalar_rgb") as module:
        yield module
