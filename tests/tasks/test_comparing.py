from pathlib import Path

import pytest
from rich.console import Console

from visreason.errors import UsageError
from visreason.tasks.comparing import compare_models
from visreason.tasks.run_folder import RunFolder
from visreason.tasks.testing import run_test


def test_a_model_beside_itself_is_as_good_and_says_the_same(
    run: RunFolder, tiny_data: Path, console: Console
) -> None:
    found = compare_models([str(run.path), str(run.weights)], tiny_data, console=console, limit=20)
    (pair,) = found.pairs
    assert (pair.overall.difference, pair.overall.p, pair.p) == (0, 1, 1)
    assert pair.overall.first == pair.overall.second == 0
    assert found.differences == []
    alone = run_test(str(run.path), tiny_data, limit=20, console=console).report.to_dict()
    assert found.to_dict()["models"][str(run.path)]["accuracy"] == alone["accuracy"]


def test_the_table_has_a_row_for_every_type_and_a_cell_for_every_heading(
    run: RunFolder, tiny_data: Path, console: Console
) -> None:
    sources = [str(run.path), str(run.weights), str(run.path / "checkpoints" / "best.ckpt")]
    found = compare_models(sources, tiny_data, "train", console=console, batch_size=7)
    rows = found.table()
    assert {len(row) for row in rows} == {len(found.columns())}
    assert rows[0][0] == "all questions"
    assert len(rows) == 1 + len(found.scores[sources[0]].by_type)
    assert sum(int(row[-1]) for row in rows[1:]) == int(rows[0][-1]) == 60
    assert len(found.pairs) == 3
    assert list(found.pairs[0].by_type) == list(found.scores[sources[0]].by_type)


def test_one_model_is_no_comparison(run: RunFolder, tiny_data: Path, console: Console) -> None:
    with pytest.raises(UsageError, match="two or more"):
        compare_models([str(run.path)], tiny_data, console=console)
