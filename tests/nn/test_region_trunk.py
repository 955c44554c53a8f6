"""What models of regions see: padding, networks of others, and their colours."""

import pytest
import torch
from torch import nn

from visreason.errors import ModelError
from visreason.nn.region_batch import RegionBatch
from visreason.nn.region_trunk import RegionTrunk, RegionTrunkConfig

SIZES = torch.tensor([[96, 70], [50, 128], [33, 65]])


@pytest.fixture
def batch():
    numbers = torch.Generator().manual_seed(0)
    images = torch.zeros(3, 3, 96, 128)
    for image, (height, width) in zip(images, SIZES.tolist(), strict=True):
        image[:, :height, :width] = torch.rand(3, height, width, generator=numbers)
    nothing = torch.zeros(0, dtype=torch.long)
    return RegionBatch(images=images, sizes=SIZES, boxes=torch.zeros(0, 4), image_rows=nothing)


def alone(batch, row):
    """One image of the batch, not padded."""
    height, width = SIZES[row].tolist()
    one = batch.select(torch.tensor([row]))
    one.images = one.images[:, :, :height, :width]
    return one


@pytest.fixture
def trunk():
    torch.manual_seed(0)
    return RegionTrunk(RegionTrunkConfig(channels=(4, 5, 6, 7), head=(8,)))


def test_an_image_is_seen_as_if_it_were_alone(trunk, batch):
    for _ in range(3):  # so that the running statistics are no longer 0 and 1
        trunk.train()(batch)
    cells, grid = trunk.eval()(batch)
    assert (grid.height, grid.width, grid.sizes_I2.tolist()) == (6, 8, [[6, 5], [4, 8], [3, 5]])
    for row, (height, width) in enumerate(grid.sizes_I2.tolist()):
        expected, _ = trunk(alone(batch, row))
        torch.testing.assert_close(cells[row : row + 1, :, :height, :width], expected)


def test_normalisation_counts_the_cells_of_images_only(trunk, batch):
    """A wider padding changes neither what is seen in training nor what is remembered of it."""
    wider = RegionTrunk(trunk.config)
    wider.load_state_dict(trunk.state_dict())
    padded = batch.map(lambda one: one)
    padded.images = nn.functional.pad(batch.images, (0, 64, 0, 32))
    cells, grid = trunk.train()(batch)
    more, _ = wider.train()(padded)
    for row, (height, width) in enumerate(grid.sizes_I2.tolist()):
        torch.testing.assert_close(
            cells[row, :, :height, :width], more[row, :, :height, :width], rtol=1e-4, atol=1e-5
        )
    for name, value in trunk.state_dict().items():
        torch.testing.assert_close(value, wider.state_dict()[name], rtol=1e-4, atol=1e-6)


def test_images_without_padding_are_normalised_as_pytorch_does(trunk, batch):
    whole = alone(batch, 0)
    first = nn.Sequential(*trunk.cnn.layers[0][:2])
    expected = first(whole.images)
    assert torch.allclose(expected.mean((0, 2, 3)), torch.zeros(4), atol=1e-5)
    same = RegionTrunk(trunk.config)
    same.load_state_dict(trunk.state_dict())
    torch.testing.assert_close(trunk.train()(whole)[0], same.train().cnn(whole.images), rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize(
    ("kind", "channels", "features"),
    [("resnet50", 1024, 2048), ("resnet101", 1024, 2048), ("vgg16", 512, 4096)],
)
def test_networks_of_others_have_cells_of_16_pixels_and_freeze_their_beginning(kind, channels, features):
    with torch.device("meta"):
        trunk = RegionTrunk(RegionTrunkConfig(kind=kind)).train()
        images = torch.zeros(1, 3, 50, 70)
        crops = trunk.head(torch.zeros(2, channels, 7, 7))
        seen = trunk.features(images) if kind == "vgg16" else trunk.network.embedder(images)
        for stage in [] if kind == "vgg16" else trunk.network.encoder.stages[:3]:
            seen = stage(seen)
    assert seen.shape == (1, channels, 4, 5)
    assert crops.shape == (2, features)
    assert not any(norm.training for norm in trunk.modules() if isinstance(norm, nn.BatchNorm2d))
    trained = [name for name, one in trunk.named_parameters() if one.requires_grad]
    assert not [
        name for name in trained if "normalization" in name or "embedder" in name or "stages.0" in name
    ]
    assert not [name for name in trained if name in ("features.0.weight", "features.7.weight")]
    assert [name for name in trained if "stages.1" in name or name == "features.10.weight"]


@pytest.fixture
def small_resnet(monkeypatch):
    """ResNets of one layer a stage, which are made in no time."""
    monkeypatch.setitem(
        __import__("visreason.nn.backbones", fromlist=["_DEPTHS"])._DEPTHS, "resnet50", (1, 1, 1, 1)
    )


@pytest.mark.parametrize("colours", ["torchvision", "caffe"])
def test_colours_and_padding_reach_the_network_as_its_weights_expect(batch, colours, small_resnet):
    trunk = RegionTrunk(RegionTrunkConfig(kind="resnet50", colours=colours)).eval()
    seen = []
    trunk.network.embedder.register_forward_pre_hook(lambda _, given: seen.append(given[0]))
    trunk(batch)
    red, green, blue = batch.images[1, :, 3, 4].tolist()
    if colours == "caffe":
        expected = [255 * blue - 103.939, 255 * green - 116.779, 255 * red - 123.68]
    else:
        expected = [(red - 0.485) / 0.229, (green - 0.456) / 0.224, (blue - 0.406) / 0.225]
    torch.testing.assert_close(seen[0][1, :, 3, 4], torch.tensor(expected), rtol=1e-4, atol=1e-4)
    assert not seen[0][1, :, 50:].any()


def test_weights_of_torchvisions_resnet_are_read(tmp_path, small_resnet):
    torch.manual_seed(0)
    trunk, other = (RegionTrunk(RegionTrunkConfig(kind="resnet50")) for _ in range(2))
    torch.save(other.network.state_dict(), tmp_path / "resnet.pth")
    trunk.load(tmp_path / "resnet.pth")
    assert torch.equal(
        trunk.network.encoder.stages[3].layers[0].layer[1].convolution.weight,
        other.network.encoder.stages[3].layers[0].layer[1].convolution.weight,
    )


def test_weights_that_do_not_fit_are_refused(tmp_path, trunk, small_resnet):
    torch.save({"conv1.weight": torch.zeros(1)}, tmp_path / "other.pth")
    for kind in ("resnet50", "vgg16"):
        with torch.device("meta"):
            network = RegionTrunk(RegionTrunkConfig(kind=kind))
        with pytest.raises(ModelError, match=r"other.pth"):
            network.load(tmp_path / "other.pth")
    with pytest.raises(ModelError, match="a trunk of pixels has no weights of others"):
        trunk.load(tmp_path / "other.pth")


def test_features_are_taken_as_they_are(batch):
    trunk = RegionTrunk(
        RegionTrunkConfig(kind="features", feature_channels=5, feature_stride=32, head=(6, 7))
    )
    batch.features = torch.rand(3, 5, 3, 4)
    cells, grid = trunk(batch)
    assert torch.equal(cells, batch.features)
    assert (grid.stride, grid.sizes_I2.tolist()) == (32, [[3, 3], [2, 4], [2, 3]])
    assert trunk.eval().head(torch.zeros(2, 5, 7, 7)).shape == (2, 7)


def test_what_the_trunk_cannot_see_is_refused(batch, trunk):
    features = RegionTrunk(RegionTrunkConfig(kind="features", feature_channels=5))
    with pytest.raises(ModelError, match="features of 5 channels, and the batch has none"):
        features(batch)
    with pytest.raises(ModelError, match="do not fit into maps of 2x8"):
        batch.images = batch.images[:, :, :32]
        trunk(batch)
    batch.images = None
    with pytest.raises(ModelError, match="sees images of 3 channels"):
        trunk(batch)
    with pytest.raises(ModelError, match="at least one convolution"):
        RegionTrunk(RegionTrunkConfig(head=()))
