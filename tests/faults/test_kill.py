"""Commands killed at random moments, a few times; `python -m tests.faults.kill --kills 100` does it many times."""

import random
from pathlib import Path

import pytest
from tests.faults.jobs import jobs
from tests.faults.kill import Lives, run
from tests.faults.opening import unreadable

from visreason.cli.main import main
from visreason.data.folder_lock import folder_lock


def test_a_generation_killed_twice_and_disturbed_once(tmp_path: Path) -> None:
    """Real processes, which import no PyTorch."""
    (generation,) = (job for job in jobs(tmp_path) if job.name == "generation")
    lives = Lives(generation, tmp_path)
    lives.disturb()
    lives.live("life", random.Random(0), 2)
    assert lives.tally.faults == []
    assert (lives.tally.refused, lives.tally.lives) == (True, 1)


@pytest.mark.slow
def test_every_command_killed() -> None:
    tallies = run(kills=7, seed=0)
    assert {tally.job: tally.faults for tally in tallies if tally.faults} == {}
    assert sum(tally.kills for tally in tallies) >= 5


@pytest.mark.parametrize(
    ("command", "held"),
    [
        ("generate OUT --scenes 1 --no-images", "out"),
        ("generate-regions OUT --images 1", "out"),
        ("generate-sort-of-clevr OUT --scenes 1", "out"),
        ("features DATA --backbone efficientnet-lite0 --size 32x32 --output OUT", "out"),
        ("train question-only-quick --data DATA --out OUT", "out"),
        ("index efficientnet-lite0 DATA OUT --split val --size 32x32", ".out.part"),
    ],
    ids=lambda words: words.split()[0],
)
def test_a_second_process_is_refused(
    command: str, held: str, tiny_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    places = {"OUT": str(tmp_path / "out"), "DATA": str(tiny_data)}
    (tmp_path / held).mkdir()
    with folder_lock(tmp_path / held, wait=False):
        assert main([places.get(word, word) for word in command.split()]) == 1
    assert f"another process is at work in {tmp_path / held}" in capsys.readouterr().err
    assert list((tmp_path / held).iterdir()) == []


def test_half_a_file_is_seen(tmp_path: Path) -> None:
    (tmp_path / "whole.json").write_text("{}")
    (tmp_path / "half.jsonl").write_text('{"step": 1}\n{"st')
    (tmp_path / ".being-written.json.x1.part").write_text("{")
    assert [fault.partition(":")[0] for fault in unreadable(tmp_path)] == ["half.jsonl"]
