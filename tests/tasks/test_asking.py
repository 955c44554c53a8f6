import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from visreason.clevr.folder import ClevrFolder
from visreason.clevr.scene import Scene, scene_to_json
from visreason.clevr.scenes_file import read_scenes
from visreason.data.images import resize_image
from visreason.data.vocabulary import CLEVR_VOCABULARY
from visreason.errors import DataError, ModelError, UsageError, VocabularyError
from visreason.models import ModelFile, build_model
from visreason.nn.batch import Batch
from visreason.tasks.asking import ask_model, find_scene, picture_of

SIZES = {"vocabulary_size": 82, "answer_count": 28, "g_widths": [8, 8], "f_widths": [8], "lstm_hidden": 6}
QUESTION = "How many red cubes are there?"


def made(config: dict[str, Any], inputs: dict[str, Any], family: str = "relation-network") -> ModelFile:
    torch.manual_seed(0)
    model = build_model(family, config).eval()
    return ModelFile(
        model, family, model.config, {"vocabulary": CLEVR_VOCABULARY.to_dict(), "inputs": inputs}
    )


@pytest.fixture
def of_pixels() -> ModelFile:
    config = SIZES | {"conv_channels": [4, 4]}
    return made(config, {"kind": "pixels", "image_size": [16, 24]})


@pytest.fixture
def of_states() -> ModelFile:
    config = SIZES | {"input": "state", "object_size": 18}
    return made(config, {"kind": "state", "encoding": "onehot", "max_objects": 12})


@pytest.fixture
def scene(tiny_data: Path) -> Scene:
    return read_scenes(ClevrFolder(tiny_data).scenes_file("val"))[2]


def test_an_answer_is_the_models_own_probabilities(of_pixels: ModelFile) -> None:
    image = np.random.default_rng(0).integers(0, 255, (40, 60, 3), np.uint8)
    answer = ask_model(of_pixels, QUESTION, image=image, top=28)
    tokens = torch.tensor([CLEVR_VOCABULARY.encode(QUESTION)])
    pixels = torch.from_numpy(resize_image(image, (16, 24)) / 255.0).permute(2, 0, 1)[None].float()
    batch = Batch(tokens=tokens, lengths=torch.tensor([tokens.shape[1]]), images=pixels)
    with torch.no_grad():
        expected = of_pixels.model(batch).logits.softmax(1)[0]
    assert {word: pytest.approx(p, abs=1e-5) for word, p in answer.top} == dict(
        zip(CLEVR_VOCABULARY.answers, expected.tolist(), strict=True)
    )
    probabilities = [p for _, p in answer.top]
    assert probabilities == sorted(probabilities, reverse=True)
    assert sum(probabilities) == pytest.approx(1, abs=1e-4)


def test_the_trace_has_words_pairs_and_places(of_states: ModelFile, scene: Scene) -> None:
    trace = ask_model(of_states, QUESTION, scene=scene, top=3).trace
    assert trace.words == ("how", "many", "red", "cubes", "are", "there", "?")
    step = next(step for step in trace.steps if step.pairs is not None)
    assert step.anchors is not None
    assert step.pairs is not None
    assert len(step.pairs) == len(step.anchors) == len(scene.objects)
    assert step.anchors[0] == pytest.approx(scene.objects[0].pixel[:2])
    assert trace.size == (480, 320)
    assert len(trace.answers) == 3


def test_the_json_form_has_answer_top_and_trace(of_states: ModelFile, scene: Scene) -> None:
    told = ask_model(of_states, QUESTION, scene=scene, top=2).to_dict()
    assert list(told) == ["answer", "top", "trace"]
    assert told["answer"] == told["top"][0]["answer"]
    assert len(told["top"]) == 2
    assert json.loads(json.dumps(told["trace"]))["family"] == "relation-network"


def test_a_blind_model_needs_neither_image_nor_scene() -> None:
    blind = made({"vocabulary_size": 82, "answer_count": 28}, {"kind": "question"}, "question-only")
    assert len(ask_model(blind, QUESTION).top) == 5


def test_what_is_missing_or_wrong_is_an_error(of_pixels: ModelFile, of_states: ModelFile) -> None:
    with pytest.raises(UsageError, match="give it an image"):
        ask_model(of_pixels, QUESTION)
    with pytest.raises(UsageError, match="give it a scene"):
        ask_model(of_states, QUESTION)
    with pytest.raises(UsageError, match="--top must be at least 1"):
        ask_model(of_pixels, QUESTION, top=0)
    with pytest.raises(VocabularyError, match=r"'cubed'.*the nearest are 'cube'"):
        ask_model(of_pixels, "How many red cubed?")
    with pytest.raises(DataError, match="empty"):
        ask_model(of_pixels, "  ")
    bare = ModelFile(
        of_pixels.model, of_pixels.family, of_pixels.config, {"inputs": of_pixels.meta["inputs"]}
    )
    with pytest.raises(ModelError, match="--dictionaries"):
        ask_model(bare, QUESTION)


def test_a_scene_is_found_beside_its_image(tiny_data: Path, scene: Scene) -> None:
    assert find_scene(tiny_data / "images" / "val" / scene.image_filename, None) == scene


def test_a_scene_is_found_by_name_in_a_scenes_file_or_is_the_file(
    tiny_data: Path, scene: Scene, tmp_path: Path
) -> None:
    assert find_scene(Path(scene.image_filename), ClevrFolder(tiny_data).scenes_file("val")) == scene
    alone = tmp_path / "scene.json"
    alone.write_text(json.dumps(scene_to_json(scene)))
    assert find_scene(Path("anything.png"), alone) == scene


def test_a_scene_that_cannot_be_found_is_an_error_that_says_what_to_give(
    tiny_data: Path, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="--scene FILE"):
        find_scene(tmp_path / "photo.png", None)
    with pytest.raises(UsageError, match="--scene FILE"):
        find_scene(Path("/photo.png"), None)
    with pytest.raises(DataError, match=r"no scene of an image called photo.png"):
        find_scene(Path("photo.png"), ClevrFolder(tiny_data).scenes_file("val"))
    with pytest.raises(DataError, match="does not exist"):
        find_scene(Path("photo.png"), tmp_path / "missing.json")


def test_a_scene_without_an_image_file_is_drawn(scene: Scene) -> None:
    picture = picture_of(scene)
    assert picture.shape == (320, 480, 3)
    assert picture.std() > 5
