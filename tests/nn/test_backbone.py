"""Frozen backbones: normalisation, and what is never trained."""

import pytest
import torch
from torch import nn

from visreason.errors import ModelError
from visreason.nn.backbone import NORMALISATIONS, Backbone


def test_pixels_are_normalised_and_nothing_is_trained():
    backbone = Backbone(nn.Conv2d(3, 3, 1), "imagenet")
    pixels = torch.rand(2, 3, 4, 4)
    mean, deviation = (torch.tensor(one)[:, None, None] for one in NORMALISATIONS["imagenet"])
    expected = backbone.network((pixels - mean) / deviation)
    assert torch.allclose(backbone(pixels), expected)
    assert not backbone(pixels.requires_grad_()).requires_grad
    assert not any(one.requires_grad for one in backbone.parameters())
    assert not backbone.train().training


def test_the_references_slip_is_in_the_third_deviation_only():
    right, slip = NORMALISATIONS["imagenet"], NORMALISATIONS["reference"]
    assert right[0] == slip[0]
    assert (right[1][:2], slip[1][:2]) == ((0.229, 0.224), (0.229, 0.224))
    assert (right[1][2], slip[1][2]) == (0.225, 0.224)


def test_only_colour_images_are_read():
    with pytest.raises(ModelError, match=r"3 channels; got the shape \(1, 1, 4, 4\)"):
        Backbone(nn.Identity(), "none")(torch.zeros(1, 1, 4, 4))
