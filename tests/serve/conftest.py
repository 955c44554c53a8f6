"""A studio of tiny untrained models, and what asks it."""

import base64
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from fastapi.testclient import TestClient
from PIL import Image

from visreason.clevr.sampling import sample_scene, scene_rng
from visreason.clevr.scene import Scene, scene_to_json
from visreason.cli.main import main
from visreason.data.vocabulary import CLEVR_VOCABULARY
from visreason.models import ModelFile, build_model, load_model, save_model
from visreason.serve.application import create_app
from visreason.serve.limits import Limits
from visreason.serve.loaded import LoadedModel
from visreason.serve.searching import SearchableIndex
from visreason.serve.shown_data import ShownData
from visreason.serve.studio import Studio

SIZES: dict[str, Any] = {"vocabulary_size": 82, "answer_count": 28}
RELATIONS = SIZES | {"g_widths": [8, 8], "f_widths": [8], "lstm_hidden": 6}
SEEN = {"kind": "pixels", "shape": [3, 32, 48], "channels": [4, 4], "coordinates": True}
PIXELS = {"kind": "pixels", "image_size": [32, 48]}
STACK = {"dim": 8, "word_size": 6, "lstm_hidden": 8, "position_size": 4, "memory_size": 8, "answer_hidden": 8}
LANGUAGE = {"functions": CLEVR_VOCABULARY.functions, "arities": CLEVR_VOCABULARY.arities}
GENERATOR = LANGUAGE | {
    "vocabulary_size": 82,
    "word_size": 5,
    "hidden": 8,
    "longest": 12,
    "grammar": True,
    **CLEVR_VOCABULARY.types,
}
ANSWERING: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "states": (
        "relation-network",
        RELATIONS | {"input": "state", "object_size": 18},
        {"kind": "state", "encoding": "onehot", "max_objects": 10},
    ),
    "pixels": (
        "relation-network",
        RELATIONS | {"conv_channels": [4, 4]},
        {"kind": "pixels", "image_size": [16, 24]},
    ),
    "attention": (
        "stacked-attention",
        SIZES | {"image": SEEN, "dim": 8, "attention_hidden": 7, "word_size": 5, "f_widths": [9]},
        PIXELS,
    ),
    "blind": ("question-only", SIZES, {"kind": "question"}),
    "stack": ("stack-nmn", SIZES | STACK | {"image": SEEN, "locate": {"frame": [320, 480]}}, PIXELS),
    "generator": ("program-generator", GENERATOR, {"kind": "question"}),
    "engine": (
        "module-network",
        LANGUAGE | {"image": SEEN, "answer_count": 28, "dim": 4, "classifier_widths": [6]},
        PIXELS,
    ),
}
"""Name to family, configuration and inputs of every model that answers."""


def tiny_model(name: str) -> ModelFile:
    """A tiny untrained model, always the same."""
    family, config, inputs = ANSWERING[name]
    torch.manual_seed(0)
    model = build_model(family, config).eval()
    meta = {"vocabulary": CLEVR_VOCABULARY.to_dict(), "inputs": inputs, "recipe": "mine"}
    return ModelFile(model, family, model.config, meta)


def to_base64(pixels: np.ndarray[Any, Any], form: str = "PNG") -> str:
    """An image as requests carry it."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, form)
    return base64.b64encode(file.getvalue()).decode()


@pytest.fixture(scope="session")
def scene() -> Scene:
    return sample_scene(scene_rng(0, "val", 3), 3, "val")


@pytest.fixture
def record(scene: Scene) -> dict[str, Any]:
    """The scene as JSON."""
    return scene_to_json(scene)


@pytest.fixture(scope="session")
def noise() -> str:
    """An image of noise in base64."""
    return to_base64(np.random.default_rng(0).integers(0, 255, (60, 90, 3), np.uint8))


@pytest.fixture
def tiny() -> Callable[[str], ModelFile]:
    """`tiny_model`."""
    return tiny_model


@pytest.fixture(scope="session")
def index(tiny_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of the six images of the tiny data's split val, by the model `pixels`."""
    folder = tmp_path_factory.mktemp("index")
    file = tiny_model("pixels")
    save_model(folder / "pixels.safetensors", file.model, file.meta)
    arguments = [str(folder / "pixels.safetensors"), str(tiny_data), str(folder / "index")]
    assert main(["index", *arguments, "--split", "val"]) == 0
    return folder / "index"


@pytest.fixture(scope="session")
def studio(region_models: dict[str, str], tiny_data: Path, index: Path) -> Iterator[Studio]:
    """All tiny models, loaded, with data to show and an index to search in."""
    limits = Limits(seconds=120)
    models = {name: LoadedModel(name, tiny_model(name), limits) for name in ANSWERING}
    models["regions"] = LoadedModel("regions", load_model(region_models["full"]), limits)
    made = Studio(models, limits, ShownData(tiny_data), SearchableIndex.open(index, limits))
    yield made
    made.close()


@pytest.fixture(scope="session")
def client(studio: Studio) -> TestClient:
    """Asks the studio; what the server fails at is an error of the test."""
    return TestClient(create_app(studio), base_url="http://localhost/api/v1")
