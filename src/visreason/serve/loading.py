"""From what `visreason serve` is told to models in memory."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from visreason.errors import UsageError, VisreasonError
from visreason.serve.limits import Limits
from visreason.serve.loaded import LoadedModel
from visreason.shipped import SHIPPED
from visreason.tasks.loading import load_any
from visreason.tasks.run_folder import RunFolder

_DEEP = 2
"""Runs of several seeds lie in folders of their own within a run's."""


def load_models(sources: Sequence[str], limits: Limits) -> dict[str, LoadedModel]:
    """Load models, each with a name of its own.

    Args:
        sources: runs, checkpoints, model files or shipped names.
        limits: what a request may cost.

    Raises:
        ModelError: one of them cannot be loaded.
    """
    files = [(source, load_any(source)) for source in sources]
    models: dict[str, LoadedModel] = {}
    for (source, file), name in zip(files, short_names(sources), strict=True):
        run = Path(source) if Path(source).is_dir() else None
        card = None if Path(source).exists() else SHIPPED / f"{source}.json"
        models[name] = LoadedModel(name, file, limits, run, card)
    return models


def load_all(sources: Iterable[str], limits: Limits, tell: Callable[[str], None]) -> dict[str, LoadedModel]:
    """Load what can be loaded, and tell what cannot.

    Args:
        sources: as of `load_models`.
        limits: what a request may cost.
        tell: receives a line about each that was left out.
    """
    able = []
    for source in sources:
        try:
            load_any(source)
        except VisreasonError as error:
            tell(f"left out {source}: {error}")
        else:
            able.append(source)
    return load_models(able, limits)


def find_runs(folder: Path) -> list[str]:
    """The runs in a folder, and those of several seeds within them.

    Example:
        >>> find_runs(Path("no such folder"))
        []
    """
    found: list[str] = []
    level = [folder]
    for _ in range(_DEEP):
        level = sorted(
            child for parent in level if parent.is_dir() for child in parent.iterdir() if child.is_dir()
        )
        found += [str(child) for child in level if RunFolder(child).is_run()]
        level = [child for child in level if not RunFolder(child).is_run()]
    return found


def short_names(sources: Sequence[str]) -> list[str]:
    """A name for every source: the last part of its path, with as many parts before it as tell it from others.

    Raises:
        UsageError: a source is given twice.

    Example:
        >>> short_names(["runs/rn/seed-1", "runs/san/seed-1", "best.safetensors"])
        ['rn-seed-1', 'san-seed-1', 'best']
    """
    parts = [_parts(Path(source)) for source in sources]
    if len(set(parts)) != len(parts):
        twice = next(source for source, own in zip(sources, parts, strict=True) if parts.count(own) > 1)
        raise UsageError(f"the model {twice} is given twice. Name each once.")
    names = []
    for own in parts:
        length = 1
        while length < len(own) and sum(other[-length:] == own[-length:] for other in parts) > 1:
            length += 1
        names.append("-".join(own[-length:]))
    return names


def _parts(source: Path) -> tuple[str, ...]:
    """The parts of a path, without the suffix of a file."""
    whole = source.resolve()
    return (whole if whole.is_dir() else whole.with_suffix("")).parts[1:]
