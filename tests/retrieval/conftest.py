"""Small untrained models to take features from."""

from pathlib import Path

import pytest
import torch

from visreason.models import ModelFile, build_model, load_model, save_model

SMALL = {"vocabulary_size": 4, "answer_count": 3, "word_size": 4, "lstm_hidden": 5, "f_widths": [6]}
PIXELS = {**SMALL, "conv_channels": [4, 5], "g_widths": [8, 9, 10], "injection_layer": 2}
STATE = {**SMALL, "input": "state", "object_size": 7, "g_widths": [8, 9, 10], "injection_layer": 2}


def write_model(folder: Path, name: str, family: str, config: dict, inputs: dict, seed: int = 0) -> Path:
    torch.manual_seed(seed)
    path = folder / f"{name}.safetensors"
    save_model(path, build_model(family, config), {"inputs": inputs})
    return path


@pytest.fixture(scope="session")
def pixel_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a Relation Network that reads pixels."""
    inputs = {"kind": "pixels", "image_size": [16, 16]}
    return write_model(tmp_path_factory.mktemp("models"), "pixels", "relation-network", PIXELS, inputs)


@pytest.fixture(scope="session")
def state_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a Relation Network that reads states."""
    inputs = {"kind": "state", "encoding": "ordinal", "max_objects": 10}
    return write_model(tmp_path_factory.mktemp("models"), "state", "relation-network", STATE, inputs)


@pytest.fixture
def pixel_file(pixel_model: Path) -> ModelFile:
    return load_model(pixel_model)


@pytest.fixture
def images(tmp_path: Path) -> Path:
    """A folder of five images, one in a subfolder, and things that are no images."""
    import numpy as np
    from PIL import Image

    folder = tmp_path / "images"
    (folder / "more").mkdir(parents=True)
    for number, name in enumerate(("b.png", "a.JPG", "c.png", "more/d.png", "e.png")):
        pixels = np.random.default_rng(number).integers(0, 255, (20, 30, 3), np.uint8)
        Image.fromarray(pixels).save(folder / name, format="PNG")
    (folder / "notes.txt").write_text("no image")
    (folder / ".hidden.png").write_bytes(b"")
    return folder
