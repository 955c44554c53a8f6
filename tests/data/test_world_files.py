from pathlib import Path

from visreason.data.world_files import WorldFiles


def touch(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    return path


def test_windows_cover_every_scene_once(tmp_path: Path) -> None:
    files = WorldFiles(tmp_path, "val", 501)
    assert files.windows == 3
    assert [index for window in range(3) for index in files.window(window)] == list(range(501))


def test_only_the_splits_own_files_are_removed(tmp_path: Path) -> None:
    files = WorldFiles(tmp_path, "val", 2)
    own = [
        files.scenes_file,
        files.questions_file,
        files.image(0),
        files.image(1),
        files.mask(1),
        files.part(0),
    ]
    half = [
        tmp_path / "images/val/.CLEVR_val_000001.png.x1.part",
        files.parts_dir / ".window_00000.json.x2.part",
    ]
    others = [
        files.image(2),
        tmp_path / "images/val/holiday.png",
        tmp_path / "images/train/CLEVR_train_000000.png",
        tmp_path / "scenes/CLEVR_train_scenes.json",
        tmp_path / "notes.txt",
    ]
    for path in [*own, *half, *others]:
        touch(path)
    assert set(files.present()) == set(own)
    files.remove()
    assert sorted(path for path in tmp_path.rglob("*") if path.is_file()) == sorted(others)


def test_folders_that_are_empty_go_too(tmp_path: Path) -> None:
    files = WorldFiles(tmp_path, "val", 1)
    for path in (files.image(0), files.mask(0), files.part(0)):
        touch(path)
    files.remove()
    assert list(tmp_path.iterdir()) == []


def test_a_scene_lacks_a_picture_of_any_wanted_kind(tmp_path: Path) -> None:
    files = WorldFiles(tmp_path, "val", 4)
    for index in (0, 1):
        touch(files.image(index))
    touch(files.mask(1))
    assert files.lacking(images=True, masks=False) == {2, 3}
    assert files.lacking(images=True, masks=True) == {0, 2, 3}
    assert files.lacking(images=False, masks=False) == set()
