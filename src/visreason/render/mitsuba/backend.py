"""Mitsuba and its denoiser as they are installed here: which of Mitsuba's variants works, and in which version.

Mitsuba compiles its kernels with the system's LLVM where there is one (variant `llvm_ad_rgb`), and follows
ray by ray (`scalar_rgb`, several times slower) where there is none. Open Image Denoise comes from the package
`pyoidn`. All are imported only when they are asked for.
"""

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from types import ModuleType
from typing import Literal, get_args

from visreason.errors import UsageError

Variant = Literal["llvm_ad_rgb", "scalar_rgb"]
"""The two variants of Mitsuba that are used."""
_LEAST_LLVM = 16
"""Dr.Jit refuses LLVM 14, and its code for LLVM 15 does not compile."""
_NEEDS_LLVM = (
    f"llvm_ad_rgb needs a system LLVM from version {_LEAST_LLVM} on (Debian: apt-get install libllvm19; "
    "DRJIT_LIBLLVM_PATH names the library). Without one, scalar_rgb works, several times slower."
)


def load_mitsuba() -> ModuleType:
    """The module `mitsuba`, told to report errors only.

    Raises:
        UsageError: it is not installed, or does not load.
    """
    drjit, mitsuba = _load("drjit"), _load("mitsuba")
    drjit.set_log_level(drjit.LogLevel.Error)
    mitsuba.set_log_level(mitsuba.LogLevel.Error)
    return mitsuba


def load_denoiser() -> ModuleType:
    """The module `pyoidn`.

    Raises:
        UsageError: it is not installed, or does not load.
    """
    return _load("pyoidn")


def llvm_version() -> str | None:
    """The version of the system's LLVM, None where there is none that Mitsuba can use.

    Raises:
        UsageError: Mitsuba is not installed.
    """
    load_mitsuba()
    import drjit

    if not drjit.has_backend(drjit.JitBackend.LLVM):
        return None
    found = drjit.detail.llvm_version()
    return ".".join(map(str, found)) if found[0] >= _LEAST_LLVM else None


def best_variant() -> Variant:
    """The fastest variant that works here.

    Raises:
        UsageError: Mitsuba is not installed.
    """
    return "llvm_ad_rgb" if llvm_version() else "scalar_rgb"


def check_variant(variant: str) -> None:
    """Make sure that a variant is one of the two, and works here.

    Raises:
        UsageError: it is not or does not; says what to do.
    """
    if variant not in get_args(Variant):
        raise UsageError(f"Mitsuba's variant is {variant!r}; expected {' or '.join(get_args(Variant))}.")
    if variant == "llvm_ad_rgb" and not llvm_version():
        raise UsageError(_NEEDS_LLVM)


def identity(variant: Variant) -> str:
    """What, besides a scene and a size, decides the bytes of its image: versions and variant.

    Raises:
        UsageError: Mitsuba or the denoiser is not installed.
    """
    load_mitsuba(), load_denoiser()
    return f"mitsuba {version('mitsuba')} {variant} with pyoidn {version('pyoidn')}"


@contextmanager
def using(variant: Variant) -> Iterator[ModuleType]:
    """Work with a variant of Mitsuba, on one thread; what was set before is set again after.

    One thread, because the last bit of a sum depends on how the work is shared out; images are made side by
    side by processes.

    Raises:
        UsageError: Mitsuba is not installed.
    """
    mitsuba = load_mitsuba()
    import drjit

    before, threads = mitsuba.variant(), drjit.thread_count()
    drjit.set_thread_count(1)
    mitsuba.set_variant(variant)
    try:
        yield mitsuba
    finally:
        drjit.set_thread_count(threads)
        if before is not None:
            mitsuba.set_variant(before)


def _load(package: str) -> ModuleType:
    try:
        return importlib.import_module(package)
    except ImportError as error:
        raise UsageError(
            f"photoreal images need {package}, which cannot be imported ({error}): "
            "pip install 'visreason[mitsuba]'."
        ) from error
