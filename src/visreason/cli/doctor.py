"""`visreason doctor`: is the installation sound, and is a data folder whole?"""

import importlib.util
import os
import platform
import shutil
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Literal, NamedTuple

from visreason.errors import DataError, VisreasonError

Status = Literal["ok", "note", "broken"]

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
_SHOWN_PROBLEMS = 5
_SIGNS: dict[Status, str] = {"ok": "[green]ok[/]", "note": "[yellow]note[/]", "broken": "[red]BROKEN[/]"}


class Check(NamedTuple):
    """One thing looked at, what was found, and whether it is as it should be."""

    name: str
    status: Status
    found: str


def doctor(data: Path | None = None, *, json: bool = False) -> None:
    """Check the installation, the device and, if given, a data folder; exit with 1 if something is broken.

    Args:
        data: a folder in CLEVR v1.0 layout, real or generated.
        json: print a list of objects with the keys name, status and found.

    Example:
        visreason doctor CLEVR_v1.0
    """
    from visreason.cli.tables import print_json, print_table

    checks = [*check_installation(), *(check_data(data) if data is not None else ())]
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


def check_installation() -> Iterator[Check]:
    """Python, the packages, the devices, memory, disk and the cache folder.

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
    yield _check_memory()
    yield _check_cache()


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


def check_data(root: Path) -> Iterator[Check]:
    """Read every scene and question of a data folder and look for every image they name.

    Raises:
        DataError: the folder does not exist or has no split.
    """
    from visreason.clevr.folder import ClevrFolder

    folder = ClevrFolder(root)
    splits = folder.splits()
    if not splits:
        raise DataError(
            f"{root} has neither scenes/CLEVR_SPLIT_scenes.json nor questions/CLEVR_SPLIT_questions.json. "
            "Give a folder in CLEVR v1.0 layout, or make one with `visreason generate`."
        )
    for split in splits:
        images: dict[str, None] = {}
        yield _check_scenes(folder, split, images)
        yield _check_questions(folder, split, images)
        yield from _check_further_texts(folder, split, images)
        yield _check_images(folder, split, images)


def _check_scenes(folder: Any, split: str, images: dict[str, None]) -> Check:
    """Read the scenes; add the names of their images to `images`."""
    from visreason.clevr.scenes_file import iter_scenes

    name, path, count = f"{split} scenes", folder.scenes_file(split), 0
    if not path.exists():
        return Check(name, "note", f"no {path.name} (the released test split has none)")
    try:
        for scene in iter_scenes(path):
            images[scene.image_filename] = None
            count += 1
    except VisreasonError as error:
        return Check(name, "broken", str(error))
    return Check(name, "ok", f"{count:,}")


def _check_questions(folder: Any, split: str, images: dict[str, None]) -> Check:
    """Read the questions with their programs; add the names of their images to `images`."""
    from visreason.clevr.questions_file import iter_questions

    name, path, count, answered = f"{split} questions", folder.questions_file(split), 0, 0
    if not path.exists():
        return Check(name, "note", f"no {path.name}")
    try:
        for question in iter_questions(path):
            images[question.image_filename] = None
            count += 1
            answered += question.answer is not None
    except VisreasonError as error:
        return Check(name, "broken", str(error))
    return Check(name, "ok", f"{count:,}, {answered:,} with answers")


def _check_further_texts(folder: Any, split: str, images: dict[str, None]) -> Iterator[Check]:
    """Read the referring expressions and captions of a split that has them."""
    from visreason.clevr.captions_file import iter_captions
    from visreason.clevr.referring_file import iter_expressions

    kinds: dict[str, tuple[Path, Callable[[Path], Iterator[Any]]]] = {
        "referring expressions": (folder.referring_file(split), iter_expressions),
        "captions": (folder.captions_file(split), iter_captions),
    }
    for kind, (path, read) in kinds.items():
        if not path.exists():
            continue
        name, count = f"{split} {kind}", 0
        try:
            for text in read(path):
                images[text.image_filename] = None
                count += 1
        except VisreasonError as error:
            yield Check(name, "broken", str(error))
        else:
            yield Check(name, "ok", f"{count:,}")


def _check_images(folder: Any, split: str, images: dict[str, None]) -> Check:
    """Look for every image's file and read its header."""
    from PIL import Image

    name, directory = f"{split} images", folder.images_dir(split)
    if not any(path.is_dir() for path in {folder.image_path(split, image).parent for image in images}):
        return Check(name, "note", f"no {directory}; models that read state descriptions do not need it")
    problems = []
    for filename in images:
        path = folder.image_path(split, filename)
        try:
            with Image.open(path) as image:
                image.verify()
        except FileNotFoundError:
            problems.append(f"{filename} is missing")
        except (OSError, SyntaxError) as error:
            problems.append(f"{filename} is broken ({error})")
    if problems:
        more = f" and {len(problems) - _SHOWN_PROBLEMS} more" if len(problems) > _SHOWN_PROBLEMS else ""
        return Check(name, "broken", "; ".join(problems[:_SHOWN_PROBLEMS]) + more)
    return Check(name, "ok", f"{len(images):,}")
