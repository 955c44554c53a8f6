from pathlib import Path

import pytest

from visreason.data import world_change
from visreason.data.world_files import WorldFiles
from visreason.data.world_manifest import claim_split, note_questions
from visreason.data.world_split import WorldSplit
from visreason.errors import DataError, UsageError
from visreason.files import read_json, write_json

VAL = WorldSplit("val", 3)


def make(root: Path, wanted: WorldSplit = VAL) -> WorldFiles:
    """Claim a split and pretend to make its scenes and questions."""
    claim_split(root, wanted)
    files = WorldFiles(root, wanted.split, wanted.scenes)
    write_json(files.scenes_file, {"scenes": []})
    write_json(files.questions_file, {"questions": []})
    note_questions(root, wanted.split, 30)
    return files


def test_a_split_is_claimed_gone_on_with_and_complete(tmp_path: Path) -> None:
    assert claim_split(tmp_path, VAL) is None
    assert claim_split(tmp_path, VAL) is None
    make(tmp_path)
    assert claim_split(tmp_path, VAL) == 30
    entry = read_json(tmp_path / "world.json")["splits"]["val"]
    assert entry["arguments"]["scenes"] == 3
    assert entry["arguments"]["seed"] == 0


def test_a_second_split_joins(tmp_path: Path) -> None:
    make(tmp_path)
    make(tmp_path, WorldSplit("train", 5, seed=7))
    assert claim_split(tmp_path, VAL) == 30
    assert sorted(read_json(tmp_path / "world.json")["splits"]) == ["train", "val"]


def test_what_differs_is_told(tmp_path: Path) -> None:
    make(tmp_path)
    with pytest.raises(
        UsageError, match=r"scenes 3 there, 4 now; image size 480x320 there, 96x64 now; masks no"
    ) as e:
        claim_split(tmp_path, WorldSplit("val", 4, image_size=(96, 64), masks=True))
    assert "--overwrite" in str(e.value)
    assert claim_split(tmp_path, VAL) == 30


def test_another_version_does_not_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path)
    monkeypatch.setattr(world_change, "__version__", "9.9")
    with pytest.raises(UsageError, match=r"visreason .* there, 9\.9 now"):
        claim_split(tmp_path, VAL)


def test_a_claim_of_which_nothing_was_made_may_change(tmp_path: Path) -> None:
    claim_split(tmp_path, VAL)
    assert claim_split(tmp_path, WorldSplit("val", 9)) is None
    assert read_json(tmp_path / "world.json")["splits"]["val"]["arguments"]["scenes"] == 9


def test_scenes_that_were_deleted_are_to_be_made_again(tmp_path: Path) -> None:
    make(tmp_path).scenes_file.unlink()
    assert claim_split(tmp_path, VAL) is None


def test_a_foreign_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(UsageError, match=r"holds something else \(thesis\.tex\)"):
        claim_split(tmp_path, VAL)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]
    assert claim_split(tmp_path, VAL, overwrite=True) is None
    assert (tmp_path / "thesis.tex").read_text() == "years of work"


def test_files_of_a_split_that_the_manifest_does_not_know_are_left_alone(tmp_path: Path) -> None:
    make(tmp_path)
    mine = tmp_path / "scenes" / "CLEVR_train_scenes.json"
    mine.write_text("{}")
    with pytest.raises(UsageError, match=r"CLEVR_train_scenes\.json is there already"):
        claim_split(tmp_path, WorldSplit("train", 2))
    assert mine.read_text() == "{}"


def test_overwriting_removes_what_the_larger_split_had(tmp_path: Path) -> None:
    files = make(tmp_path)
    files.image(2).parent.mkdir(parents=True)
    files.image(2).write_bytes(b"old")
    assert claim_split(tmp_path, WorldSplit("val", 1), overwrite=True) is None
    assert not files.image(2).exists()
    assert not files.scenes_file.exists()


@pytest.mark.parametrize(
    "text", ["{", "[]", "{}", '{"generator": "visreason", "splits": {"val": {"arguments": {}}}}']
)
def test_a_manifest_that_is_none_is_told_of(tmp_path: Path, text: str) -> None:
    (tmp_path / "world.json").write_text(text)
    with pytest.raises((UsageError, DataError), match=r"world\.json"):
        claim_split(tmp_path, VAL)
    assert claim_split(tmp_path, VAL, overwrite=True) is None
