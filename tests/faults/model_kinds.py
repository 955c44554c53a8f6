"""The kinds of files about features, networks, runs and indices."""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from tests.faults.kinds import Kind
from torch import nn

from visreason.data.features.export import to_hdf5, to_npy
from visreason.data.features.extract import Source, extract
from visreason.data.features.store import ShardStore, open_features
from visreason.files import write_json
from visreason.metrics.region_predictions import RegionPredictions
from visreason.models import ModelFile, build_model, load_model, save_model
from visreason.nn.backbone import Backbone, BackboneChoice
from visreason.nn.torch_file import read_state_dict
from visreason.retrieval.building import IndexBuilder, write_index
from visreason.retrieval.index_folder import IndexSettings, RetrievalIndex
from visreason.serve.results import read_predictions
from visreason.tasks.checkpoint import model_of_checkpoint, read_checkpoint
from visreason.tasks.curves import read_curves
from visreason.tasks.history import History
from visreason.tasks.run_folder import RunFolder
from visreason.zoo.catalogue import load_recipe
from visreason.zoo.relation_networks_clevr import convert

NAMES = tuple(f"CLEVR_val_{number:06d}.png" for number in range(3))


def features(folder: Path) -> list[Kind]:
    """Features in every form."""
    images = folder / "images"
    images.mkdir(parents=True)
    for number, name in enumerate(NAMES):
        noise = np.random.default_rng(number).integers(0, 256, (20, 30, 3), np.uint8)
        Image.fromarray(noise).save(images / name)
    choice = BackboneChoice(name="mean", normalisation="none", size=(32, 48))
    shards, hdf5, cells = folder / "shards", folder / "features.h5", folder / "cells"
    extract(Source(NAMES, images, choice), Backbone(nn.AvgPool2d(16), "none"), shards)
    to_hdf5(ShardStore(shards), hdf5, range(3))
    to_npy(ShardStore(shards), cells)
    return [
        Kind("notes of features", shards / "features.json", lambda: _cells(shards), named="shards"),
        Kind("a shard", shards / "00000.npy", lambda: _cells(shards), True),
        Kind("features in HDF5", hdf5, lambda: _cells(hdf5)),
        Kind("features in .npy", cells / "CLEVR_val_000001.npy", lambda: _cells(cells)),
    ]


def _cells(place: Path) -> object:
    """What a view of features reads."""
    store = open_features(place)
    store.check(NAMES, range(3))
    return [np.asarray(store.read(name, index)).tobytes() for index, name in enumerate(NAMES)]


def networks(folder: Path) -> list[Kind]:
    """Model files, checkpoints of ours and of others, dictionaries."""
    torch.manual_seed(0)
    model = build_model("question-only", {"vocabulary_size": 3, "answer_count": 2})
    file, old = folder / "guess.safetensors", folder / "old.pth"
    save_model(file, model, {"vocabulary": {"words": ["is", "it", "red"], "answers": ["yes", "no"]}})
    torch.save(model.state_dict(), old)
    said = folder / "predictions.npz"
    rng = np.random.default_rng(0)
    chances = rng.dirichlet(np.ones(3), 4).astype(np.float32)
    classes, labels = np.array(["__background__", "cup", "table"]), rng.integers(1, 3, 4)
    RegionPredictions(chances, labels, np.arange(4), np.array([0, 3, 30]), classes).write(said)
    return [
        Kind("a model file", file, lambda: _weights(load_model(file)), True),
        Kind("a .pth", old, lambda: _tensors(read_state_dict(old, "")), True),
        Kind(
            "predictions of regions", said, lambda: RegionPredictions.read(said).probabilities.tobytes(), True
        ),
    ]


def _weights(file: ModelFile) -> object:
    """All that a model file says."""
    return file.meta, file.config, _tensors(file.model.state_dict())


def _tensors(weights: dict[str, torch.Tensor]) -> dict[str, bytes]:
    return {name: one.numpy().tobytes() for name, one in weights.items()}


def runs(run: RunFolder) -> list[Kind]:
    """The files of a run.

    Args:
        run: a finished one, which is damaged.
    """
    results = run.results
    results.mkdir(exist_ok=True)
    (results / "predictions.jsonl").write_text('{"question_index": 0, "answer": "yes"}\n' * 3)
    return [
        Kind("config.yaml", run.config, lambda: run.recipe()),
        Kind("a recipe", run.config, lambda: load_recipe(str(run.config))),
        Kind("environment.json", run.environment, lambda: run.data()),
        Kind("metrics.jsonl", run.metrics, lambda: read_curves(run)),
        Kind("history.json", run.history, lambda: History.read(run)),
        Kind("last.ckpt", run.last, lambda: _checkpoint(run.last), True),
        Kind("predictions.jsonl", results / "predictions.jsonl", lambda: read_predictions(results)),
    ]


def _checkpoint(path: Path) -> object:
    return _weights(model_of_checkpoint(read_checkpoint(path), str(path)))


def indices(folder: Path) -> list[Kind]:
    """The files of an index, finished and begun."""
    vectors = np.random.default_rng(0).normal(size=(3, 4)).astype(np.float32)
    how: dict[str, Any] = {"model": "rn", "fingerprint": "x", "layer": "g2", "aggregation": "mean", "size": 4}
    settings = IndexSettings(**how, normalise="both")
    done, begun = folder / "index", folder / "begun"
    write_index(done, vectors, NAMES, settings)
    builder = IndexBuilder(begun, NAMES, settings)
    with builder.at_work():
        builder.append(vectors[:2], {})
    progress = builder.part / "progress.json"

    def search() -> object:
        index = RetrievalIndex.open(done)
        numbers, distances = index.search(vectors[:2], 2)
        return [index.ids[number] for number in numbers.flat], distances.tolist(), index.settings

    def go_on() -> object:
        again = IndexBuilder(begun, NAMES, settings)
        with again.at_work():
            return again.done, again.unreadable

    return [
        Kind("vectors of an index", done / "features.npy", search, True),
        Kind("names of an index", done / "ids.json", search, True),
        Kind("settings of an index", done / "index.json", search, True, named="index/"),
        Kind("a begun index", progress, go_on, named=".begun.part"),
    ]


def dictionaries(folder: Path, shared: Path) -> list[Kind]:
    """Dictionaries of RelationNetworks-CLEVR, beside a released checkpoint."""
    checkpoint = next((shared / "data/rn_checkpoints").rglob("ir_fp_*.pth"))
    path = folder / "dictionaries.json"
    write_json(path, {"words": ["w"] * 82, "answers": ["a"] * 28})
    return [Kind("dictionaries", path, lambda: convert(checkpoint, path)[1])]
