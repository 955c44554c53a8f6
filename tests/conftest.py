"""What every test may ask for."""

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest

ROOT = Path(__file__).resolve().parent.parent


def skip(reason: str) -> NoReturn:
    """Skip a test for want of something outside the project; a failure where everything must be there (CI)."""
    if os.environ.get("VISREASON_NO_SKIPS"):
        pytest.fail(f"{reason}, and VISREASON_NO_SKIPS is set")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data and reference numbers; tests that need it skip where it is absent."""
    folder = Path(os.environ.get("VISREASON_SHARED", ROOT.parent / "shared"))
    if not (folder / "data").is_dir():
        skip(f"no reference data at {folder} (set VISREASON_SHARED)")
    return folder


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of the system's Chromium; browser tests skip where it is absent."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    skip("no Chromium on the PATH (Debian: apt-get install chromium)")


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the tests' cache out of the user's: one a worker, shared by its tests."""
    monkeypatch.setenv("VISREASON_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))
