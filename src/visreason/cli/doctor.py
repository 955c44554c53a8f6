"""`visreason doctor`: is the installation sound, and is a data folder whole?"""

import importlib.util
import os
import platform
import shutil
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from visreason.data.check import Check, Status
from visreason.errors import DataError, VisreasonError

_REQUIRED = (
    "torch",
    "lightning",
    "numpy",
    "orjson",
    "safetensors",
    "pillow",
    "matplotlib",
    "jsonargparse",
    "joblib",
    "rich",
)
_SIGNS: dict[Status, str] = {"ok": "[green]ok[/]", "note": "[yellow]note[/]", "broken": "[red]BROKEN[/]"}


def doctor(data: Path | None = None, *, json: bool = False) -> None:
    """Check the installation, the device and, if given, a data folder; exit with 1 if something is broken.

    Of a data folder every record is read and every image opened, and questions about some of the scenes are
    answered by the oracle; a generated world is also held against the checksums, counts and split rules of
    its world.json.

    Features and indices are held against the checksums that they were written with.

    Args:
        data: a folder in CLEVR v1.0 layout, real or generated; or an index.
        json: print a list of objects with the keys name, status, found and problems (every single fault, up to
            1,000 a check).

    Example:
        visreason doctor CLEVR_v1.0
    """
    from visreason.cli.tables import print_json, print_table

    checks = [*check_installation(), *(_check_folder(data) if data is not None else ())]
    if json:
        print_json([check._asdict() for check in checks])
    else:
        print_table(
            ["check", "", "found"], [[check.name, _SIGNS[check.status], check.found] for check in checks]
        )
    broken = [check for check in checks if check.status == "broken"]
    if broken:
        raise DataError(
            f"{len(broken)} of {len(checks)} checks failed: {', '.join(check.name for check in broken)}."
        )


def _check_folder(folder: Path) -> Iterator[Check]:
    """Whatever is in a folder."""
    from visreason.data.world_check import check_data
    from visreason.retrieval.index_check import check_index
    from visreason.retrieval.index_folder import SETTINGS

    return check_index(folder) if (folder / SETTINGS).is_file() else check_data(folder)


def check_installation() -> Iterator[Check]:
    """Python, the packages, the devices, photoreal images, memory, disk and the cache folder.

    Example:
        >>> [check.name for check in check_installation()][0]
        'python'
    """
    yield Check(
        "python", "ok" if (3, 11) <= sys.version_info[:2] < (3, 14) else "broken", platform.python_version()
    )
    for package in _REQUIRED:
        try:
            yield Check(package, "ok", version(package))
        except PackageNotFoundError:
            yield Check(package, "broken", "not installed; pip install visreason installs it")
    for package, use in (("tensorboard", "logging"), ("wandb", "logging"), ("mlflow", "logging")):
        found = importlib.util.find_spec(package) is not None
        yield Check(
            package,
            "ok" if found else "note",
            version(package) if found else f"not installed (optional: {use})",
        )
    import torch

    devices = [torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())]
    yield Check("device", "ok", ", ".join(devices) or f"cpu, {torch.get_num_threads()} threads")
    yield _check_mitsuba()
    yield _check_memory()
    yield _check_cache()


def _check_mitsuba() -> Check:
    """Whether photoreal images can be made, by making one of a bare floor."""
    if importlib.util.find_spec("mitsuba") is None:
        return Check(
            "mitsuba", "note", "not installed (optional: photoreal images, pip install 'visreason[mitsuba]')"
        )
    from visreason.clevr.scene import Scene
    from visreason.render.mitsuba import MitsubaRenderer

    try:
        renderer = MitsubaRenderer(24, 16)
        shown = renderer.render([Scene((), {}, {}, 0, "CLEVR_val_000000.png", "val")])
    except VisreasonError as error:
        return Check("mitsuba", "note", f"cannot be used: {error}")
    except RuntimeError as error:
        return Check("mitsuba", "broken", str(error))
    if not 90 < shown.float().mean() < 130:
        return Check(
            "mitsuba", "broken", f"{renderer.identity}: CLEVR's grey floor comes out in other colours"
        )
    if renderer.variant == "scalar_rgb":
        return Check(
            "mitsuba",
            "note",
            f"{renderer.identity}; several times faster with a system LLVM (Debian: apt-get install libllvm19)",
        )
    return Check("mitsuba", "ok", renderer.identity)


def _check_memory() -> Check:
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") if hasattr(os, "sysconf") else 0
    return Check("memory", "ok" if total >= 4 * 2**30 else "note", f"{total / 2**30:.1f} GiB")


def _check_cache() -> Check:
    from visreason.data.cache import cache_folder

    folder = cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        return Check(
            "cache",
            "broken",
            f"{folder} cannot be made: {error.strerror}; set VISREASON_CACHE to another folder",
        )
    if not os.access(folder, os.W_OK):
        return Check("cache", "broken", f"{folder} is not writable; set VISREASON_CACHE to another folder")
    free = shutil.disk_usage(folder).free
    return Check("cache", "ok" if free > 2 * 2**30 else "note", f"{folder}, {free / 2**30:.1f} GiB free")
