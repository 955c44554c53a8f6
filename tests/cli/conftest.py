"""What the tests of the training verbs share: a run, trained once."""

from pathlib import Path

import pytest

from visreason.cli.main import main

QUICK = ["--training.epochs", "1", "--training.accelerator", "cpu", "--data.workers", "0"]


@pytest.fixture(scope="session")
def trained(tiny_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of rn-quick on the tiny data, trained for an epoch by the command itself."""
    run = tmp_path_factory.mktemp("runs") / "quick"
    assert main(["train", "rn-quick", "--data", str(tiny_data), "--out", str(run), *QUICK]) == 0
    return run
