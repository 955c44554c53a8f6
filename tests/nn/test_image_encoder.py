import pytest
import torch

from visreason.errors import ModelError
from visreason.nn.batch import Batch
from visreason.nn.image_encoder import ImageEncoder, ImageEncoderConfig


def batch(**seen) -> Batch:
    return Batch(tokens=torch.ones(2, 1), lengths=torch.ones(2), **seen)


@pytest.mark.parametrize("coordinates", [True, False])
@pytest.mark.parametrize("size", [(32, 32), (33, 50)])
def test_says_beforehand_what_shape_its_cells_have(size, coordinates):
    config = ImageEncoderConfig(kind="pixels", shape=(3, *size), channels=(4, 6), coordinates=coordinates)
    encoder = ImageEncoder(config)
    cells = encoder(batch(images=torch.rand(2, 3, *size)))
    assert cells.shape == (2, encoder.channels, encoder.height, encoder.width)


def test_features_pass_as_they_are_with_coordinates_behind():
    features = torch.rand(2, 5, 3, 4)
    config = ImageEncoderConfig(kind="features", shape=(5, 3, 4), coordinates=True)
    cells = ImageEncoder(config)(batch(features=features))
    assert torch.equal(cells[:, :5], features)
    assert cells[0, 5].tolist() == [pytest.approx([-1, -1 / 3, 1 / 3, 1])] * 3
    assert cells[1, 6, :, 2].tolist() == pytest.approx([-1, 0, 1])


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        ({}, "sees features, and the batch has none"),
        ({"images": torch.rand(2, 3, 8, 8)}, "sees features, and the batch has none"),
        ({"features": torch.rand(2, 5, 3, 5)}, "shape 5x3x4, but the batch has 5x3x5"),
    ],
)
def test_a_batch_without_what_it_sees_is_refused(seen, said):
    encoder = ImageEncoder(ImageEncoderConfig(kind="features", shape=(5, 3, 4)))
    with pytest.raises(ModelError, match=said):
        encoder(batch(**seen))


@pytest.mark.parametrize(
    "settings",
    [
        {"kind": "pixels", "shape": (1, 8, 8)},
        {"kind": "pixels", "shape": (3, 8, 8), "channels": ()},
        {"kind": "features", "shape": (3, 8)},
    ],
)
def test_a_configuration_of_no_images_is_refused(settings):
    with pytest.raises(ModelError):
        ImageEncoder(ImageEncoderConfig(**settings))
