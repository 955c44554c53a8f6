from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
from rich.console import Console

from visreason.clevr.folder import ClevrFolder
from visreason.errors import DataError, ProgramError
from visreason.tasks.program_data import programs_shown, scenes_of
from visreason.tasks.sources import training_data
from visreason.zoo.catalogue import load_recipe

QUICK = {"data.workers": 0, "training.accelerator": "cpu"}


@pytest.fixture
def edited(tiny_data: Path, tmp_path: Path) -> Callable[[int, str], Path]:
    """The tiny data with one training question's program taken away, or its answer replaced."""

    def edit(row: int, what: str) -> Path:
        for source in tiny_data.rglob("*"):
            target = tmp_path / source.relative_to(tiny_data)
            if source.is_dir():
                target.mkdir(exist_ok=True)
            elif not target.exists():
                target.symlink_to(source)
        file = ClevrFolder(tmp_path).questions_file("train")
        record = orjson.loads(file.read_bytes())
        if what == "program":
            del record["questions"][row]["program"]
        else:
            record["questions"][row]["program"][-1]["inputs"] = [0, 0]
        file.unlink()
        file.write_bytes(orjson.dumps(record))
        return tmp_path

    return edit


def test_a_question_without_a_program_is_named_before_training(
    edited: Callable[[int, str], Path], console: Console
) -> None:
    data = edited(20, "program")
    with pytest.raises(DataError, match=r"question 20 of the split train has no program.*first 60 questions"):
        training_data(load_recipe("iep-engine-quick", QUICK), data, console)
    with pytest.raises(DataError, match=r"question 20 of the split train"):
        training_data(load_recipe("iep-generator-quick", QUICK), data, console)


def test_programs_that_are_not_shown_may_lack(edited: Callable[[int, str], Path], console: Console) -> None:
    data = edited(20, "program")
    few = load_recipe("iep-generator-quick", QUICK | {"task.programs": 20})
    assert len(training_data(few, data, console).train(0)) == 20
    joint = load_recipe("module-memory-end-to-end-quick", QUICK | {"task.programs": 20})
    assert training_data(joint, data, console).shown == 20
    assert len(training_data(joint, data, console).train(0)) == 60
    assert training_data(load_recipe("iep-quick", QUICK), data, console).shown == 0


def test_a_program_that_does_not_type_check_is_an_error_before_training(
    edited: Callable[[int, str], Path], console: Console
) -> None:
    with pytest.raises(ProgramError, match=r"question 7.*takes 1 inputs, got 2"):
        training_data(load_recipe("iep-quick", QUICK), edited(7, "inputs"), console)


def test_how_many_programs_a_recipe_shows() -> None:
    assert programs_shown(load_recipe("iep-engine-quick"), 100) == 100
    assert programs_shown(load_recipe("iep-generator"), 100_000) == 18_000
    assert programs_shown(load_recipe("iep-generator", {"task.programs": "null"}), 100_000) == 100_000
    assert programs_shown(load_recipe("iep-quick"), 100) == 0
    assert programs_shown(load_recipe("module-memory-end-to-end"), 700_000) == 1_000


def test_scenes_are_read_once_and_only_where_there_are_some(tiny_data: Path) -> None:
    scenes = scenes_of(ClevrFolder(tiny_data), "val")
    assert scenes is not None
    assert scenes() is scenes()
    assert sorted(scenes()) == list(range(6))
    assert scenes_of(ClevrFolder(tiny_data), "test") is None
