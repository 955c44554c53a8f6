from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from rich.console import Console

from visreason.clevr.attributes import ATTRIBUTES
from visreason.clevr.folder import ClevrFolder
from visreason.clevr.scenes_file import read_scenes
from visreason.data.dataset import ClevrQuestions
from visreason.data.vocabulary import CLEVR_VOCABULARY
from visreason.models import ModelFile, build_model
from visreason.nn.batch import Batch
from visreason.tasks.attribute_probes import attribute_probes
from visreason.tasks.sources import samples_for

SIZE = [32, 48]


@pytest.fixture(scope="module")
def model() -> ModelFile:
    """A network that sees pixels."""
    settings = {"vocabulary_size": 82, "answer_count": 28}
    see = {"kind": "pixels", "shape": [3, *SIZE], "channels": [6, 6]}
    network = build_model("cnn-lstm", settings | {"image": see}).eval()
    meta = {"vocabulary": CLEVR_VOCABULARY.to_dict(), "inputs": {"kind": "pixels", "image_size": SIZE}}
    return ModelFile(network, "cnn-lstm", network.config, meta)


def test_every_attribute_of_every_object_is_read(model: ModelFile, tiny_data: Path, console: Console) -> None:
    folder = ClevrFolder(tiny_data)
    samples, to_batch = samples_for(model, folder, "val")
    assert isinstance(samples, ClevrQuestions)
    scenes = {scene.image_index: scene for scene in read_scenes(folder.scenes_file("val"))}
    found = attribute_probes(model, samples, to_batch, scenes, console, batch_size=4)
    assert found is not None
    assert list(found) == list(ATTRIBUTES)
    assert {probe.read.count for probe in found.values()} == {sum(map(len, scenes.values()))}
    again = attribute_probes(model, samples, to_batch, scenes, console, batch_size=1)
    assert again == found


def test_what_stands_at_the_object_is_read(
    model: ModelFile, tiny_data: Path, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A network whose map has each object's colour where the object is lets all colours be read."""
    folder = ClevrFolder(tiny_data)
    scenes = {scene.image_index: scene for scene in read_scenes(folder.scenes_file("val"))}
    waiting: Iterator[int] = iter(())

    class Painted(torch.nn.Module):
        def forward(self, images: torch.Tensor) -> torch.Tensor:
            maps = torch.zeros(len(images), 8, 320, 480)
            for place in range(len(images)):
                for thing in scenes[next(waiting)].objects:
                    x, y, _ = thing.pixel
                    maps[place, ATTRIBUTES["color"].index(thing.color), int(y), int(x)] = 1
            return maps

    samples, collate = samples_for(model, folder, "val")
    assert isinstance(samples, ClevrQuestions)
    monkeypatch.setattr("visreason.tasks.attribute_probes.image_network", lambda _: Painted())

    def to_batch(rows: list[object]) -> Batch:
        nonlocal waiting
        batch: Batch = collate(rows)
        assert batch.image_index is not None
        waiting = iter(batch.image_index.tolist())
        return batch

    found = attribute_probes(model, samples, to_batch, scenes, console)
    assert found is not None
    seen = {thing.color for scene in scenes.values() for thing in scene.objects}
    assert found["color"].read.value > found["color"].guess.value + 0.3, seen
    assert found["color"].read.value > found["material"].read.value


def test_models_without_an_image_network_have_none(tiny_data: Path, console: Console) -> None:
    network = build_model("question-only", {"vocabulary_size": 82, "answer_count": 28})
    meta = {"vocabulary": CLEVR_VOCABULARY.to_dict(), "inputs": {"kind": "question"}}
    blind = ModelFile(network, "question-only", None, meta)
    samples, to_batch = samples_for(blind, ClevrFolder(tiny_data), "val")
    assert isinstance(samples, ClevrQuestions)
    assert attribute_probes(blind, samples, to_batch, {}, console) is None
