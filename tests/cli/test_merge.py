import json
from pathlib import Path

import pytest

from visreason.cli.main import main


def test_two_folders_become_one_that_can_be_trained_on(
    tiny_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    worlds = [tmp_path / f"seed_{seed}" for seed in (1, 2)]
    for seed, world in enumerate(worlds, 1):
        flags = [
            "--split",
            "val",
            "--scenes",
            "4",
            "--questions-per-scene",
            "3",
            "--no-images",
            "--refexps-per-scene",
            "2",
        ]
        assert main(["generate", str(world), *flags, "--seed", str(seed)]) == 0
    capsys.readouterr()
    both = tmp_path / "both"
    assert main(["merge", str(both), *map(str, worlds), "--split", "val"]) == 0
    said = capsys.readouterr().out
    assert f"{both}, split val: 8 scenes, " in said
    assert "Left out" not in said
    assert main(["answer", str(both), "--split", "val", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["questions"], found["agreement"]) == (24, 1.0)
    assert (
        main(["merge", str(both), *map(str, [*worlds, tiny_data]), "--split", "val", "--overwrite", "--json"])
        == 0
    )
    found = json.loads(capsys.readouterr().out)
    assert found == {
        "folder": str(both),
        "split": "val",
        "counts": {"scenes": 14, "questions": 54},
        "left_out": ["referring", "images"],
        "repeated": 0,
    }
    again = tmp_path / "again"
    flags = ["--split", "val", "--scenes", "4", "--questions-per-scene", "5", "--no-images", "--seed", "1"]
    assert main(["generate", str(again), *flags]) == 0
    capsys.readouterr()
    assert main(["merge", str(tmp_path / "all"), *map(str, [again, *worlds]), "--split", "val"]) == 0
    assert "4 scenes came before: are two of the folders of one seed?" in capsys.readouterr().out
    assert main(["merge", str(both), str(worlds[0])]) == 1
    assert "give two folders or more" in capsys.readouterr().err
    assert main(["merge", str(tmp_path / "new"), *map(str, worlds), "--split", "train"]) == 1
    assert "no split 'train'" in capsys.readouterr().err
    assert not (tmp_path / "new").exists()
