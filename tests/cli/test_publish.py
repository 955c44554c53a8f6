import json
from pathlib import Path

import pytest

from visreason.cli.main import main
from visreason.zoo.shipped_models import shipped_names


def test_a_run_becomes_a_record_of_the_ledger(
    trained: Path, tiny_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["publish", str(trained), "mine", "--data", str(tiny_data), "--results-only"]
    words += ["--results", str(tmp_path)]
    again = ["--rules", str(tiny_data), "--rules", str(tiny_data)]
    assert main([*words, *again, "--note", "a trial", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told == json.loads((tmp_path / "mine.json").read_text())
    assert (told["note"], told["tests"][0]["data"], told["runs"][0]["epochs"]) == (
        "a trial",
        tiny_data.name,
        1,
    )
    assert [test["role"] for test in told["tests"]].count("rules") == 2
    assert "mine" not in shipped_names()
    assert main(words) == 1
    assert "exists. Give another name, or --overwrite" in capsys.readouterr().err
    assert main(["publish", str(tiny_data), "mine"]) == 1
    assert "no run of visreason" in capsys.readouterr().err
