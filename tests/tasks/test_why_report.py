import json
from pathlib import Path

import pytest
from rich.console import Console

from visreason.tasks.run_folder import RunFolder
from visreason.tasks.testing import run_test


@pytest.mark.parametrize("split", ["val", "train"])
def test_every_wrong_answer_is_written_and_some_are_shown(
    split: str, run: RunFolder, tiny_data: Path, tmp_path: Path, console: Console
) -> None:
    tested = run_test(str(run.path), tiny_data, split, attribute=True, limit=10, console=console)
    assert tested.why is not None
    paths = tested.why.write(tmp_path)
    assert [path.name for path in paths] == ["attribution.json", "why.html"]
    told = json.loads(paths[0].read_text())
    figures = tested.report.to_dict()
    assert (told["model"], told["split"]) == (figures["model"], split)
    assert {name: told[name] for name in figures["attribution"]} == figures["attribution"]
    assert len(told["cases"]) == told["wrong"] > 0
    page = paths[1].read_text()
    assert page.count('<li class="case">') == min(told["wrong"], len(tested.why.cases))
    assert "data:image/jpeg" in page


def test_a_test_that_does_not_ask_why_has_no_reasons(
    run: RunFolder, tiny_data: Path, console: Console
) -> None:
    tested = run_test(str(run.path), tiny_data, limit=5, console=console)
    assert tested.why is None
    assert "attribution" not in tested.report.to_dict()
