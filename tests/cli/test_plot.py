from pathlib import Path

import pytest

from visreason.cli.main import main


def test_one_run_is_drawn_into_its_results(trained: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plot", str(trained)]) == 0
    assert capsys.readouterr().out.strip() == str(trained / "results" / "training.png")
    assert (trained / "results" / "training.png").read_bytes().startswith(b"\x89PNG")


def test_several_runs_are_drawn_together(trained: Path, tmp_path: Path) -> None:
    twin = tmp_path / "twin" / trained.name
    twin.mkdir(parents=True)
    for name in ("config.yaml", "environment.json", "metrics.jsonl"):
        (twin / name).write_bytes((trained / name).read_bytes())
    assert main(["plot", str(trained), str(twin), "--output", str(tmp_path / "plots")]) == 0
    assert (tmp_path / "plots" / "training.png").is_file()


def test_what_is_no_run_or_has_nothing_to_plot_is_an_error(
    trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["plot", str(tmp_path)]) == 1
    assert "no run of visreason" in capsys.readouterr().err
    for name in ("config.yaml", "environment.json"):
        (tmp_path / name).write_bytes((trained / name).read_bytes())
    assert main(["plot", str(tmp_path)]) == 1
    assert "nothing to plot" in capsys.readouterr().err
