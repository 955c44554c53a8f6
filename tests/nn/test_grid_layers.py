import pytest
import torch
from torch import nn

from visreason.errors import ModelError
from visreason.nn.grid_layers import grid_classifier, stem


@pytest.mark.parametrize("batch_norm", [True, False])
def test_a_stem_is_convolutions_with_relus(batch_norm):
    layers = stem(5, 8, 2, batch_norm=batch_norm)
    kinds = ["Conv2d", "BatchNorm2d", "ReLU"] if batch_norm else ["Conv2d", "ReLU"]
    assert [type(layer).__name__ for layer in layers] == kinds * 2
    assert layers(torch.rand(1, 5, 3, 4)).shape == (1, 8, 3, 4)
    fast = stem(5, 8, 2, batch_norm=batch_norm, winograd=True)
    assert [type(layer).__name__ for layer in fast if isinstance(layer, nn.Conv2d)] == ["GridConvolution"] * 2


@pytest.mark.parametrize(("pooling", "side"), [("max2", 2), ("max4", 4), ("none", 1)])
@pytest.mark.parametrize("projection", [6, None])
def test_a_classifier_pools_and_scores(pooling, side, projection):
    layers = grid_classifier((5, 8, 9), projection, pooling, (7, 11), answers=3)
    linear = next(layer for layer in layers if isinstance(layer, nn.Linear))
    assert linear.in_features == (projection or 5) * (8 // side) * (9 // side)
    assert layers(torch.rand(2, 5, 8, 9)).shape == (2, 3)


def test_with_the_largest_of_all_cells_places_do_not_matter():
    layers = grid_classifier((5, 4, 6), 3, "max", (7,), answers=3)
    assert next(layer for layer in layers if isinstance(layer, nn.Linear)).in_features == 3
    maps_BDhw = torch.rand(2, 5, 4, 6)
    assert torch.equal(layers(maps_BDhw), layers(maps_BDhw.flip(3).roll(1, dims=2)))


def test_dropout_and_normalisation_are_there_when_asked_for():
    layers = grid_classifier((5, 4, 4), 6, "max2", (7,), answers=3, batch_norm=True, dropout=0.5)
    names = [type(layer).__name__ for layer in layers]
    assert names == [
        *("Conv2d", "BatchNorm2d", "ReLU", "MaxPool2d", "Flatten"),
        *("Dense", "BatchNorm1d", "ReLU", "Dropout", "Linear"),
    ]


def test_a_map_smaller_than_the_pooling_is_refused():
    with pytest.raises(ModelError, match="3x8 cells cannot be pooled by 4x4"):
        grid_classifier((5, 3, 8), None, "max4", (), answers=3)
