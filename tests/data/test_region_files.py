from pathlib import Path

from visreason.data.region_files import RegionFiles, split_files
from visreason.data.world_files import WorldFiles


def touch(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    return path


def test_only_the_splits_own_files_are_removed(tmp_path: Path) -> None:
    files = RegionFiles(tmp_path, "val", 2)
    own = [
        files.annotations_file,
        files.image(0),
        files.image(1),
        files.checksums_file,
        files.part(0, "regions"),
        tmp_path / "images/val/.val_000001.png.x1.part",
        tmp_path / "annotations/.instances_val.json.x1.part",
    ]
    others = [
        files.image(2),
        files.knowledge_file,
        tmp_path / "images/val/holiday.png",
        tmp_path / "images/train/train_000000.png",
        tmp_path / "annotations/instances_train.json",
    ]
    for path in [*own, *others]:
        touch(path)
    assert set(files.present()) == set(own[:5])
    assert files.lacking(images=True, masks=False) == frozenset()
    files.remove()
    assert not any(path.exists() for path in own)
    assert all(path.exists() for path in others)


def test_a_manifest_says_which_files_a_split_has(tmp_path: Path) -> None:
    regions = split_files(tmp_path, "val", {"world": "regions", "images": 3})
    assert isinstance(regions, RegionFiles)
    assert regions.scenes == 3
    for arguments in ({"scenes": 4}, {"world": "sort-of-clevr", "scenes": 4}):
        other = split_files(tmp_path, "val", arguments)
        assert type(other) is WorldFiles
        assert other.scenes == 4
