"""Every kind of file that is read, damaged: an error that names it, or the right result; no hang, no traceback."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import pytest
from hypothesis import HealthCheck, given, settings
from rich.console import Console
from tests.faults import model_kinds, world_kinds
from tests.faults.damage import damaged
from tests.faults.kinds import Kind
from tests.tasks.conftest import make_data, make_recipe

from visreason.errors import VisreasonError
from visreason.tasks.run_folder import RunFolder
from visreason.tasks.training import train

HANGS = 60
"""Seconds after which reading a file of some kilobytes counts as hanging."""

Examples = pytest.mark.parametrize("examples", [3, pytest.param(60, marks=pytest.mark.slow)])


def stop(number: int, frame: FrameType | None) -> None:
    raise AssertionError("it hangs")


@contextmanager
def in_time() -> Iterator[None]:
    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(HANGS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def withstand(kinds: list[Kind], examples: int) -> None:
    """Damage one file after the other, so many times."""
    for kind in kinds:
        whole = kind.path.read_bytes()
        try:
            withstand_one(kind, whole, kind.read(), min(examples, kind.most))
        finally:
            kind.path.write_bytes(whole)


def withstand_one(kind: Kind, whole: bytes, right: object, examples: int) -> None:
    @settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(damaged(whole))
    def survives(data: bytes) -> None:
        read_damaged(kind, right, data)

    survives()


def read_damaged(kind: Kind, right: object, data: bytes) -> None:
    kind.path.write_bytes(data)
    found, refused = None, ""
    try:
        with in_time():
            found = kind.read()
    except VisreasonError as error:
        refused = str(error)
    assert not refused or (kind.named or kind.path.name) in refused, f"{kind.name} is not named: {refused}"
    assert refused or not kind.sealed or found == right, f"{kind.name}: a change was not noticed"


@Examples
def test_worlds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, examples: int) -> None:
    monkeypatch.setenv("VISREASON_CACHE", str(tmp_path / "cache"))
    withstand(world_kinds.worlds(tmp_path, tmp_path / "cache"), examples)


@Examples
def test_regions(tmp_path: Path, examples: int) -> None:
    withstand(world_kinds.regions(tmp_path), examples)


@Examples
def test_pictures(tmp_path: Path, examples: int) -> None:
    withstand(world_kinds.pictures(tmp_path), examples)


@Examples
def test_features(tmp_path: Path, examples: int) -> None:
    withstand(model_kinds.features(tmp_path), examples)


@Examples
def test_networks(tmp_path: Path, examples: int) -> None:
    withstand(model_kinds.networks(tmp_path), examples)


@Examples
def test_runs(tmp_path: Path, examples: int) -> None:
    recipe = make_recipe(training__epochs=1)
    run = RunFolder.create(tmp_path / "run", recipe, None)
    with (tmp_path / "said").open("w") as said:
        train(recipe, make_data(), run, Console(file=said))
    withstand(model_kinds.runs(run), examples)


@Examples
def test_indices(tmp_path: Path, examples: int) -> None:
    withstand(model_kinds.indices(tmp_path), examples)


@Examples
def test_dictionaries(tmp_path: Path, shared: Path, examples: int) -> None:
    withstand(model_kinds.dictionaries(tmp_path, shared), examples)
