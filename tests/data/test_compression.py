import gzip
from pathlib import Path

import pytest

from visreason.clevr.oracle import judge
from visreason.clevr.questions_file import read_questions
from visreason.clevr.scenes_file import iter_scenes, read_scenes
from visreason.data.compression import compress_texts
from visreason.data.world import generate_world
from visreason.data.world_files import WorldFiles
from visreason.data.world_split import WorldSplit
from visreason.errors import DataError

SPLIT = WorldSplit("val", 4, images=False, refexps_per_scene=1, captions_per_scene=1)


def contents(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()
    }


def test_compressed_texts_hold_the_same_and_are_read_the_same(tmp_path: Path) -> None:
    plain = generate_world(tmp_path / "plain", SPLIT, jobs=1).folder
    packed = generate_world(tmp_path / "packed", SPLIT, jobs=1, compress=True).folder
    texts = {name: text for name, text in contents(plain.root).items() if name.endswith(".json")}
    assert len(texts) == 5
    for name in set(texts) - {"world.json"}:
        assert gzip.decompress((packed.root / f"{name}.gz").read_bytes()) == texts[name]
        assert not (packed.root / name).exists()
    assert packed.splits() == ("val",)
    scenes = read_scenes(packed.scenes_file("val"))
    assert scenes == read_scenes(plain.scenes_file("val"))
    assert all(verdict.agrees for verdict in judge(read_questions(packed.questions_file("val")), scenes))


def test_a_world_is_compressed_afterwards_and_left_alone_then(tmp_path: Path) -> None:
    generate_world(tmp_path / "one", SPLIT, jobs=1)
    generate_world(tmp_path / "one", SPLIT, jobs=1, compress=True)
    generate_world(tmp_path / "two", SPLIT, jobs=1, compress=True)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    generate_world(tmp_path / "one", SPLIT, jobs=1)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_a_lost_file_of_a_compressed_world_is_made_again(tmp_path: Path) -> None:
    folder = generate_world(tmp_path, SPLIT, jobs=1, compress=True).folder
    before = contents(tmp_path)
    folder.scenes_file("val").unlink()
    generate_world(tmp_path, SPLIT, jobs=1, compress=True)
    assert contents(tmp_path) == before
    generate_world(tmp_path, SPLIT, jobs=1, overwrite=True)
    assert not [name for name in contents(tmp_path) if name.endswith(".gz")]


def test_a_truncated_archive_is_told_of(tmp_path: Path) -> None:
    folder = generate_world(tmp_path, SPLIT, jobs=1, compress=True).folder
    path = folder.scenes_file("val")
    for broken in (path.read_bytes()[:-20], b"no archive"):
        path.write_bytes(broken)
        with pytest.raises(DataError, match=r"CLEVR_val_scenes\.json\.gz is truncated or broken"):
            list(iter_scenes(path))


def test_other_files_are_left_alone(tmp_path: Path) -> None:
    files = WorldFiles(tmp_path, "val", 1)
    (tmp_path / "scenes").mkdir()
    (tmp_path / "scenes" / "CLEVR_train_scenes.json").write_text("{}")
    assert compress_texts(files) == []
    assert (tmp_path / "scenes" / "CLEVR_train_scenes.json").exists()
