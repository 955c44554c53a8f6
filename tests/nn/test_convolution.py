import torch
from torch.nn import functional

from visreason.nn.convolution import PixelCnn


def test_shapes_round_up():
    cnn = PixelCnn((5, 6, 7))
    assert cnn(torch.zeros(2, 3, 33, 50)).shape == (2, 7, 5, 7)
    assert (cnn.stride, cnn.channels) == (8, 7)


def test_strides_are_as_told():
    cnn = PixelCnn((5, 6, 7), strides=(2, 3, 1))
    assert cnn(torch.zeros(2, 3, 33, 50)).shape == (2, 7, 6, 9)
    assert (cnn.stride, cnn.channels) == (6, 7)


def test_equals_the_formula():
    torch.manual_seed(0)
    cnn = PixelCnn((5, 6))
    images = torch.rand(4, 3, 16, 16)
    expected = images
    for conv, norm, _ in cnn.layers:
        expected = functional.conv2d(expected, conv.weight, conv.bias, stride=2, padding=1)
        mean, variance = (
            expected.mean((0, 2, 3), keepdim=True),
            expected.var((0, 2, 3), correction=0, keepdim=True),
        )
        expected = ((expected - mean) / (variance + norm.eps).sqrt()).relu()
    assert torch.allclose(cnn(images), expected, atol=1e-5)


def test_a_step_leaves_what_passing_the_layers_one_by_one_leaves():
    left = []
    for plain in (True, False):
        torch.manual_seed(0)
        cnn, images = PixelCnn((5, 6, 4)).double(), torch.rand(4, 3, 17, 24, dtype=torch.float64)
        (cnn.layers(images) if plain else cnn(images)).square().sum().backward()
        left.append([*(one.grad for one in cnn.parameters()), *cnn.buffers()])
    torch.testing.assert_close(*left, rtol=1e-9, atol=1e-9)
