"""visreason: one toolkit for visual reasoning: worlds, reasoners, honest scores, and the reasoning made visible."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("visreason")
except PackageNotFoundError:  # a source tree that was never installed
    __version__ = "0+unknown"

__all__ = ["__version__"]
