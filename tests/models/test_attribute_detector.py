from dataclasses import replace

import pytest
import torch

from visreason.errors import ModelError
from visreason.models.attribute_detector import AttributeDetector, AttributeDetectorConfig
from visreason.nn.batch import Batch
from visreason.nn.image_encoder import ImageEncoderConfig
from visreason.nn.object_grid import TrueCells, detection_loss

IMAGE = ImageEncoderConfig(kind="pixels", shape=(3, 64, 64), channels=(6, 6, 6))


def build(**settings):
    torch.manual_seed(0)
    return AttributeDetector(AttributeDetectorConfig(image=IMAGE, value_counts=(2, 3), dim=8, **settings))


def test_at_first_it_claims_nothing(make_batch):
    found = build().eval().detect(make_batch(2))
    assert found.presence_Bhw.shape == (2, 8, 8)
    assert (found.presence_Bhw < 0).float().mean() > 0.9


def test_what_is_said_of_a_batch_is_read_back(make_batch):
    model, batch = build(stem_layers=0).eval(), make_batch(3)
    found, read = model.detect(batch), model.read(model(batch).logits)
    assert torch.equal(found.presence_Bhw, read.presence_Bhw)
    assert torch.equal(found.offset_B2hw, read.offset_B2hw)
    assert [one.shape for one in read.values] == [(3, 2, 8, 8), (3, 3, 8, 8)]


def test_the_convolution_after_the_image_network_looks_one_cell_further(make_batch):
    batch = make_batch(1)
    for layers, reach in ((0, 0), (1, 1)):
        model = build(stem_layers=layers).eval()
        other = batch.images.clone()
        other[..., :8, :8] = 0.0  # the first cell, and what the CNN's last layers see of it
        near = model.detect(batch).presence_Bhw != model.detect(replace(batch, images=other)).presence_Bhw
        assert near.nonzero()[:, 1:].max() == 1 + reach


def test_a_few_steps_find_a_thing_by_its_colour():
    model = build().train()
    images, objects = torch.zeros(8, 3, 64, 64), torch.zeros(8, 1, 5)
    for image in range(8):
        row, column, red = image % 4 + 2, image // 2 + 1, image % 2
        images[image, red, 8 * row : 8 * row + 8, 8 * column : 8 * column + 8] = 1.0
        objects[image, 0] = torch.tensor([(column + 0.5) / 8, (row + 0.5) / 8, 9.0, red, 2.0])
    true = TrueCells.of(objects, torch.ones(8, 1, dtype=torch.bool), 8, 8)
    nothing = torch.zeros(8, 1, dtype=torch.long)
    batch = Batch(tokens=nothing, lengths=nothing[:, 0], images=images)
    optimiser = torch.optim.Adam(model.parameters(), 0.02)
    for _ in range(60):
        optimiser.zero_grad()
        detection_loss(model.detect(batch), true).backward()
        optimiser.step()
    found = model.detect(batch)
    assert torch.equal(found.presence_Bhw > 0, true.present_Bhw)
    assert torch.equal(true.pick(found.values[0]).argmax(1), true.values_MF[:, 0])


def test_a_configuration_without_attributes_is_refused():
    with pytest.raises(ModelError, match="one attribute or more"):
        AttributeDetector(AttributeDetectorConfig(image=IMAGE, value_counts=()))
