"""What the functions of a true program stand for, on generated scenes."""

from itertools import islice

import numpy as np
import pytest

from visreason.clevr.attributes import ATTRIBUTES
from visreason.clevr.folder import ClevrFolder
from visreason.clevr.questions_file import iter_questions
from visreason.clevr.scenes_file import read_scenes
from visreason.data.layout_rows import LayoutRows, fit_layout
from visreason.data.referents import Referents
from visreason.data.vocabulary import CLEVR_VOCABULARY
from visreason.data.world import generate_world
from visreason.data.world_split import WorldSplit
from visreason.errors import DataError, ProgramError
from visreason.nn.referents import NO_OBJECTS


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("world")
    generate_world(root, WorldSplit("val", 6, questions_per_scene=2, images=False), jobs=1)
    return ClevrFolder(root)


def prefix(*tokens):
    numbers = [CLEVR_VOCABULARY.functions.index(token) + 4 for token in tokens]
    return np.array(numbers, np.uint8)


def test_each_function_gives_its_objects_at_its_own_place(folder):
    referents = Referents(folder, "val", CLEVR_VOCABULARY)
    for scene in read_scenes(folder.scenes_file("val")):
        for color in ATTRIBUTES["color"]:
            told = prefix("count", "union", f"filter_color[{color}]", "scene", "filter_size[large]", "scene")
            found = referents.sets(scene.image_index, told, "question 1")
            of_color, large = (
                sum(1 << i for i, thing in enumerate(scene.objects) if getattr(thing, kind) == value)
                for kind, value in (("color", color), ("size", "large"))
            )
            everything = (1 << len(scene.objects)) - 1
            assert found.tolist() == [NO_OBJECTS, of_color | large, of_color, everything, large, everything]


def test_each_step_of_a_layout_gives_the_objects_of_the_last_of_its_functions(folder):
    large_or_red = prefix(
        *("exist", "union", "filter_size[large]", "filter_color[gray]", "scene", "filter_color[red]", "scene")
    )
    for steps in (6, 2):
        referents = Referents(folder, "val", CLEVR_VOCABULARY, steps)
        for scene in read_scenes(folder.scenes_file("val")):
            large, red = (
                sum(
                    1 << i
                    for i, thing in enumerate(scene.objects)
                    if (thing.size, thing.color)[-len(of) :] == of
                )
                for of in (("large", "gray"), ("red",))
            )
            every = [
                large,
                red,
                large | red,
                *[NO_OBJECTS] * 3,
            ]  # Find, Find, Or, DescribeOne and two of nothing
            assert referents.sets(scene.image_index, large_or_red, "question 1").tolist() == every[:steps]


def test_every_step_of_a_real_question_has_its_objects(shared):
    folder = ClevrFolder(shared / "data/clevr_real")
    referents, of_layouts = (Referents(folder, "train", CLEVR_VOCABULARY, steps) for steps in (None, 9))
    layouts = LayoutRows(CLEVR_VOCABULARY)
    for question in islice(iter_questions(folder.questions_file("train")), 60):
        told = np.array(CLEVR_VOCABULARY.encode_program(question.program), np.uint8)
        modules = layouts(told)
        found = of_layouts.sets(question.image_index, told, "question")
        assert (found >= 0).tolist() == [0 < number < 7 for number in fit_layout(modules, 9)]
        assert set(found.tolist()) <= {
            *referents.sets(question.image_index, told, "question").tolist(),
            NO_OBJECTS,
        }


def test_a_single_object_is_a_set_of_one(folder):
    referents = Referents(folder, "val", CLEVR_VOCABULARY)
    for scene in read_scenes(folder.scenes_file("val")):
        for i, thing in enumerate(scene.objects):
            names = (
                f"filter_{name}[{getattr(thing, name)}]" for name in ("size", "color", "material", "shape")
            )
            told = prefix("query_color", "unique", *names, "scene")
            alike = [
                other
                for other in scene.objects
                if (other.size, other.color, other.material, other.shape)
                == (thing.size, thing.color, thing.material, thing.shape)
            ]
            if len(alike) == 1:
                assert referents.sets(scene.image_index, told, "question 1")[:2].tolist() == [
                    NO_OBJECTS,
                    1 << i,
                ]
            else:
                with pytest.raises(ProgramError, match="unique"):
                    referents.sets(scene.image_index, told, "question 1")


def test_places_are_fractions_of_the_image_and_padded(folder):
    referents = Referents(folder, "val", CLEVR_VOCABULARY)
    scenes = read_scenes(folder.scenes_file("val"))
    for scene in scenes:
        places = referents.places(scene.image_index)
        assert places.shape == (max(len(one.objects) for one in scenes), 2)
        pixels = np.array([thing.pixel[:2] for thing in scene.objects])
        np.testing.assert_allclose(places[: len(pixels)] * (480, 320), pixels, atol=1e-3)
        assert np.isnan(places[len(pixels) :]).all()


def test_a_scene_that_is_not_there_is_named(folder):
    with pytest.raises(DataError, match="no scene of image 99"):
        Referents(folder, "val", CLEVR_VOCABULARY).places(99)
