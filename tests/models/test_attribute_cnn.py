import pytest
import torch

from visreason.errors import ModelError
from visreason.models import AttributeCnn, AttributeCnnConfig, RelationNetwork, RelationNetworkConfig


def test_equals_the_formula(make_batch):
    model = AttributeCnn(AttributeCnnConfig(conv_channels=(4, 5))).eval()
    batch = make_batch(2)
    first, _, last = model.head
    summed = model.cnn(batch.images).sum((2, 3))
    assert torch.allclose(model(batch).logits, last(first(summed).relu()))


def test_published_size():
    assert sum(one.numel() for one in AttributeCnn(AttributeCnnConfig()).parameters()) == 16_488 + 375 + 240


def test_its_cnn_fits_a_relation_network():
    network = RelationNetwork(RelationNetworkConfig(vocabulary_size=3, answer_count=2))
    start = AttributeCnn(AttributeCnnConfig()).cnn.state_dict()
    network.cnn.load_state_dict(start)
    assert torch.equal(network.cnn.layers[3][0].weight, start["layers.3.0.weight"])


def test_needs_images(make_batch):
    batch = make_batch(1)
    batch.images = None
    with pytest.raises(ModelError, match="reads images"):
        AttributeCnn(AttributeCnnConfig())(batch)
