"""Extraction: the numbers, resuming, and what it refuses."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from visreason.data.features import extract as module
from visreason.data.features.extract import extract, read_pixels
from visreason.data.features.store import INDEX, ShardStore, open_features, shard_file
from visreason.errors import DataError, UsageError


@pytest.fixture(autouse=True)
def small_shards(monkeypatch):
    monkeypatch.setattr(module, "ROWS", 3)


def expected(source, backbone):
    pixels = read_pixels([source.directory / name for name in source.images], source.choice.size)
    return backbone(pixels).numpy()


@pytest.mark.parametrize(("dtype", "close"), [("float16", 1e-3), ("float32", 1e-7)])
@pytest.mark.parametrize("batch", [1, 2, 16])
def test_every_image_has_its_features(source, backbone, tmp_path, dtype, close, batch):
    notes = extract(source, backbone, tmp_path / "out", dtype=dtype, batch=batch)
    assert notes["complete"]
    assert notes["shape"] == [3, 2, 3]
    store = open_features(tmp_path / "out")
    assert isinstance(store, ShardStore)
    wanted = expected(source, backbone)
    for row, name in enumerate(source.images):
        found = store.read(name, row)
        assert found.dtype == dtype
        assert np.allclose(found, wanted[row], atol=close)
    assert [path.name for path in sorted((tmp_path / "out").glob("*.npy"))] == [
        "00000.npy",
        "00001.npy",
        "00002.npy",
    ]


def test_an_interrupted_extraction_goes_on_where_it_was(source, backbone, tmp_path):
    whole, halted = tmp_path / "whole", tmp_path / "halted"
    extract(source, backbone, whole)
    seen = []

    def stop(done, total):
        seen.append(done)
        if done == 6:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        extract(source, backbone, halted, progress=stop)
    with pytest.raises(DataError, match="is not finished: 2 of 3 parts"):
        open_features(halted)
    again = []
    extract(source, backbone, halted, progress=lambda done, total: again.append(done))
    assert (seen, again) == ([0, 3, 6], [6, 7])
    for file in sorted(whole.glob("*")):
        if file.is_file():
            assert file.read_bytes() == (halted / file.name).read_bytes()


@pytest.mark.parametrize(
    "change",
    [
        {"choice": {"layer": "c5"}},
        {"choice": {"normalisation": "imagenet"}},
        {"images": ("CLEVR_val_000000.png",)},
    ],
)
def test_features_of_another_kind_are_not_mixed(source, backbone, tmp_path, change):
    extract(source, backbone, tmp_path / "out")
    choice = replace(source.choice, **change.get("choice", {}))
    other = replace(source, choice=choice, images=change.get("images", source.images))
    with pytest.raises(UsageError, match="holds features of another kind"):
        extract(other, backbone, tmp_path / "out")
    extract(other, backbone, tmp_path / "out", overwrite=True)
    assert open_features(tmp_path / "out").notes["images"] == list(other.images)


def test_a_shard_that_was_changed_is_found(source, backbone, tmp_path):
    extract(source, backbone, tmp_path / "out")
    file = shard_file(tmp_path / "out", 1)
    file.write_bytes(file.read_bytes()[:-1] + b"!")
    with pytest.raises(DataError, match=r"00001\.npy is missing or not as it was written"):
        extract(source, backbone, tmp_path / "out")


def test_a_folder_that_holds_something_else_is_left_alone(source, backbone, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out/thesis.txt").write_text("mine")
    with pytest.raises(UsageError, match=r"holds something else \(thesis\.txt\)"):
        extract(source, backbone, tmp_path / "out")
    assert (tmp_path / "out/thesis.txt").read_text() == "mine"


def test_a_broken_image_is_named_and_what_was_done_is_kept(source, backbone, tmp_path):
    (source.directory / source.images[4]).write_bytes(b"no image")
    with pytest.raises(DataError, match="CLEVR_val_000004"):
        extract(source, backbone, tmp_path / "out")
    assert shard_file(tmp_path / "out", 0).exists()
    assert not shard_file(tmp_path / "out", 1).exists()
    assert (tmp_path / "out" / INDEX).exists()


def test_images_are_squashed_with_the_bicubic_filter(source):
    from PIL import Image

    file = source.directory / source.images[0]
    wanted = Image.open(file).resize((48, 32), Image.Resampling.BICUBIC)
    found = read_pixels([file], (32, 48))
    assert torch.equal((found[0] * 255).round().byte().permute(1, 2, 0), torch.from_numpy(np.array(wanted)))
