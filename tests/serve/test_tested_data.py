import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from visreason.clevr.folder import ClevrFolder
from visreason.clevr.questions_file import read_questions
from visreason.clevr.referring_file import iter_expressions
from visreason.clevr.scenes_file import read_scenes
from visreason.data.regions.folder import read_regions
from visreason.errors import DataError
from visreason.serve.subjects import Subject
from visreason.serve.tested_data import find_subjects
from visreason.tasks.folders import data_folder
from visreason.tasks.material import GENERATED
from visreason.tasks.region_data import region_folder
from visreason.tasks.run_folder import RunFolder
from visreason.zoo.catalogue import load_recipe

QUIET = Console(quiet=True)
GENERATED_TEST = {"data": GENERATED, "split": "val"}


@pytest.fixture
def make_run(tmp_path: Path) -> Callable[..., RunFolder]:
    """A run on the generated world of a recipe, made as small as told."""

    def make(recipe: str, **world: Any) -> RunFolder:
        settings = {f"world.{name}": value for name, value in world.items()}
        return RunFolder.create(tmp_path / "run", load_recipe(recipe, settings), None)

    return make


def about(question: Any, **own: Any) -> dict[str, Any]:
    """What a test writes down of a question or expression."""
    told = {"question_index": question.index, "image_filename": question.image_filename}
    return told | {"answer": question.answer, "prediction": "other", "correct": False} | own


def found(run: RunFolder, *predictions: Any, **metrics: Any) -> list[Subject | None]:
    return find_subjects(run, GENERATED_TEST | metrics, (), predictions)


def test_a_world_is_made_again_for_the_questions_of_its_test(make_run: Callable[..., RunFolder]) -> None:
    run = make_run("rn-quick", scenes=3, validation_scenes=3, questions_per_scene=4)
    world = data_folder(run.recipe(), None, ["val"], QUIET)
    questions, scenes = read_questions(world.questions_file("val")), read_scenes(world.scenes_file("val"))
    last = questions[-1]
    subject, *others = found(
        run,
        about(last),
        about(last, answer="purple"),
        about(last, image_filename="CLEVR_val_000000.png"),
        about(last, question_index=99),
    )
    assert subject == Subject(last.text, scenes[-1], None)  # states are drawn
    assert others == [None, None, None]  # today's world says otherwise


def test_expressions_have_their_image_and_its_size(make_run: Callable[..., RunFolder]) -> None:
    run = make_run("snmn-loc-quick", scenes=2, validation_scenes=2, refexps_per_scene=3)
    world = data_folder(run.recipe(), None, ["val"], QUIET)
    expression = list(iter_expressions(world.referring_file("val")))[-1]
    told = {
        "question_index": expression.index,
        "image_filename": expression.image_filename,
        "prediction": [0, 0, 9, 9],
        "iou": 0.1,
    }
    assert expression.box is not None
    subject, other = found(run, told | {"box": list(expression.box)}, told | {"box": [1, 2, 3, 4]})
    assert other is None
    assert subject is not None
    assert (subject.text, subject.frame) == (expression.text, run.recipe().world.image_size)  # type: ignore[union-attr]
    assert subject.image == world.image_path("val", expression.image_filename)


def test_a_region_is_found_among_those_of_its_image(make_run: Callable[..., RunFolder]) -> None:
    run = make_run("region-full-quick", images=2, validation_images=2, image_size=64)
    folder = region_folder(run.recipe(), None, ["val"], QUIET)
    regions = read_regions(folder, "val")
    image = regions.images[1]
    told = {
        "image_filename": image.file.name,
        "region": image.ids[2],
        "box": image.boxes[2].tolist(),
        "answer": regions.classes[image.labels[2]],
    }
    metrics = GENERATED_TEST | {"task": "regions"}
    wrong = [told, told | {"answer": "mauve leaf"}, told | {"region": "?"}]
    subject, *others = find_subjects(run, metrics, regions.classes, wrong)
    assert others == [None, None]
    assert subject is not None
    assert (subject.image, subject.frame, subject.place) == (image.file, (64, 64), 2)
    x1, y1, x2, y2 = image.boxes[2]
    np.testing.assert_allclose(subject.boxes[2], (x1, y1, x2 - x1 + 1, y2 - y1 + 1))
    assert len(subject.boxes) == len(image)


def test_a_folder_is_read_where_it_is(make_run: Callable[..., RunFolder], tiny_data: Path) -> None:
    run, folder = make_run("rn-quick"), ClevrFolder(tiny_data)
    question = read_questions(folder.questions_file("val"))[7]
    scene = next(
        scene
        for scene in read_scenes(folder.scenes_file("val"))
        if scene.image_filename == question.image_filename
    )
    file = folder.image_path("val", question.image_filename)
    assert found(run, about(question), data=str(tiny_data)) == [Subject(question.text, scene, file)]
    with pytest.raises(DataError, match="nowhere, is not here any more"):
        found(run, about(question), data=str(tiny_data / "nowhere"))


def test_a_name_that_leads_elsewhere_is_refused(make_run: Callable[..., RunFolder], tiny_data: Path) -> None:
    run = make_run("rn-quick")
    questions = json.loads(ClevrFolder(tiny_data).questions_file("val").read_text())["questions"]
    one = {"question_index": 0, "image_filename": "../../scenes/x", "answer": questions[0]["answer"]}
    assert found(run, one, data=str(tiny_data)) == [None]
