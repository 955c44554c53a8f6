import gzip
import json
import os
import shutil
from pathlib import Path

import pytest

from visreason.clevr.executor import execute
from visreason.clevr.folder import ClevrFolder
from visreason.clevr.questions.engine import QuestionEngine
from visreason.clevr.questions_file import read_questions, write_questions
from visreason.clevr.records import read_info, write_records
from visreason.clevr.referring_file import read_image_size
from visreason.clevr.sampling import sample_scene, scene_rng
from visreason.clevr.scenes_file import GENERATOR, read_scenes, write_scenes
from visreason.data.merging import merge_folders
from visreason.data.world_check import check_data
from visreason.errors import DataError, UsageError


@pytest.fixture
def other(tmp_path: Path) -> ClevrFolder:
    """A further folder: 3 other scenes with numbers that begin at 40, 9 questions, images and masks."""
    folder = ClevrFolder(tmp_path / "other")
    scenes = [sample_scene(scene_rng(5, "val", i), i, "val") for i in range(40, 43)]
    write_scenes(folder.scenes_file("val"), scenes, "val")
    write_questions(folder.questions_file("val"), QuestionEngine(seed=1).generate(scenes, 3), "val")
    for pictures in (folder.images_dir("val"), folder.root / "masks" / "val"):
        pictures.mkdir(parents=True)
        for scene in scenes:
            shutil.copy(_pixel(tmp_path), pictures / scene.image_filename)
    return folder


def _pixel(folder: Path) -> Path:
    from PIL import Image

    path = folder / "pixel.png"
    if not path.exists():
        Image.new("RGB", (4, 4)).save(path)
    return path


def test_all_of_both_in_order_and_every_answer_still_right(
    world: ClevrFolder, other: ClevrFolder, tmp_path: Path
) -> None:
    before = [read_questions(each.questions_file("val")) for each in (world, other)]
    merged = merge_folders([world.root, other.root], tmp_path / "both", "val")
    assert merged.counts == {"scenes": 9, "questions": 24 + len(before[1]), "images": 9}
    assert merged.left_out == ["masks"]
    both = ClevrFolder(tmp_path / "both")
    scenes, questions = read_scenes(both.scenes_file("val")), read_questions(both.questions_file("val"))
    assert [scene.image_index for scene in scenes] == list(range(9))
    assert [question.index for question in questions] == list(range(len(questions)))
    assert [one.text for one in questions] == [one.text for part in before for one in part]
    for question in questions:
        assert question.program is not None
        assert execute(question.program, scenes[question.image_index]) == question.answer
    for scene, (folder, old) in zip(
        scenes, [*((world, i) for i in range(6)), *((other, i) for i in range(40, 43))], strict=True
    ):
        image = both.image_path("val", scene.image_filename)
        source = folder.image_path("val", f"CLEVR_val_{old:06d}.png")
        assert image.read_bytes() == source.read_bytes()
        assert image.samefile(source)
    assert {check.status for check in check_data(both.root)} <= {"ok", "note"}
    assert not list(both.root.glob(".*"))


def test_images_are_copied_where_they_cannot_be_linked(
    world: ClevrFolder, other: ClevrFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError("another disk")

    monkeypatch.setattr(os, "link", refuse)
    merge_folders([other.root, world.root], tmp_path / "both", "val")
    image = tmp_path / "both" / "images" / "val" / "CLEVR_val_000003.png"
    source = world.image_path("val", "CLEVR_val_000000.png")
    assert image.read_bytes() == source.read_bytes()
    assert not image.samefile(source)


def test_compressed_files_and_questions_without_scenes_or_names(world: ClevrFolder, tmp_path: Path) -> None:
    human = ClevrFolder(tmp_path / "human")
    path = human.questions_file("val")
    path.parent.mkdir(parents=True)
    records = [{"image_index": i, "question": "Is it red?", "answer": "yes"} for i in (2, 0, 2)]
    path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(json.dumps({"questions": records}).encode()))
    merged = merge_folders([human.root, world.root], tmp_path / "both", "val")
    assert (merged.counts, merged.left_out) == ({"questions": 27}, ["scenes", "images"])
    questions = json.loads(ClevrFolder(tmp_path / "both").questions_file("val").read_text())["questions"]
    assert [one["image_index"] for one in questions[:4]] == [0, 1, 0, 2]
    assert questions[1]["image_filename"] == "CLEVR_val_000001.png"


def test_a_split_that_is_there_is_kept_or_replaced_whole(
    world: ClevrFolder, other: ClevrFolder, tmp_path: Path
) -> None:
    both = tmp_path / "both"
    merge_folders([world.root, other.root], both, "val")
    kept = {path: path.read_bytes() for path in both.rglob("*") if path.is_file()}
    with pytest.raises(UsageError, match=r"exists\. Give another folder, or --overwrite"):
        merge_folders([other.root, world.root], both, "val")
    assert {path: path.read_bytes() for path in both.rglob("*") if path.is_file()} == kept
    shutil.rmtree(world.images_dir("val"))
    assert merge_folders([other.root, world.root], both, "val", overwrite=True).left_out == [
        "images",
        "masks",
    ]
    assert not (both / "images").exists()
    assert (
        read_scenes(ClevrFolder(both).scenes_file("val"))[0].objects
        == read_scenes(other.scenes_file("val"))[0].objects
    )


def test_nothing_is_left_of_a_merge_that_fails(
    world: ClevrFolder, other: ClevrFolder, tmp_path: Path
) -> None:
    other.image_path("val", "CLEVR_val_000041.png").unlink()
    with pytest.raises(DataError, match=r"CLEVR_val_000041\.png does not exist, but a record names it"):
        merge_folders([world.root, other.root], tmp_path / "both", "val")
    assert not list((tmp_path / "both").iterdir())


def test_what_cannot_be_merged(world: ClevrFolder, other: ClevrFolder, tmp_path: Path) -> None:
    here, there = world.root, other.root
    generated, file = tmp_path / "generated", tmp_path / "file"
    generated.mkdir()
    (generated / "world.json").write_text("{}")
    file.touch()
    for parts, out, split, message in (
        ([here], tmp_path / "out", "val", "two folders or more to put together; got 1"),
        ([here, there, here / "." / ""], tmp_path / "out", "val", "is given more than once"),
        ([here, there], there, "val", "is one of the folders that are put together"),
        ([here, there], file, "val", "is a file"),
        ([here, there], generated, "val", "is a generated world"),
        ([here, there], tmp_path / "out", "cf_val", "holds minimal pairs"),
    ):
        with pytest.raises(UsageError, match=message):
            merge_folders(parts, out, split)
    with pytest.raises(DataError, match="no split 'train' that all of them have"):
        merge_folders([here, there], tmp_path / "out", "train")
    other.questions_file("val").write_text('{"questions": [{"question": "What?"}]}')
    with pytest.raises(DataError, match="neither image_filename nor image_index"):
        merge_folders([here, there], tmp_path / "out", "val")


def test_boxes_keep_the_size_of_the_images_they_lie_on(tmp_path: Path) -> None:
    folders = []
    for number, size in enumerate(([288, 192], [288, 192], [96, 64])):
        folder = ClevrFolder(tmp_path / str(number))
        info = {"split": "val", "generator": GENERATOR, "image_size": size, "date": str(number)}
        record = {"question_index": 0, "image_index": 7, "question": "The cube", "bbox": [1, 2, 3, 4]}
        write_records(folder.referring_file("val"), "questions", [record], info)
        folders.append(folder.root)
    assert merge_folders(folders[:2], tmp_path / "both", "val").counts == {"referring": 2}
    path = ClevrFolder(tmp_path / "both").referring_file("val")
    assert read_info(path) == {"split": "val", "generator": GENERATOR, "image_size": [288, 192]}
    assert read_image_size(path) == ((288, 192), True)
    with pytest.raises(DataError, match="lie on images of other sizes"):
        merge_folders(folders, tmp_path / "all", "val")
    assert not list((tmp_path / "all").iterdir())
