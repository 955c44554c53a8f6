"""`crop_and_resize` against TensorFlow's numbers and against the rule written out."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from visreason.nn.crop_and_resize import crop_and_resize


def load(path):
    """Maps `[I, C, H, W]`, boxes, their maps, and the whole file."""
    file = np.load(path)
    maps = torch.from_numpy(file["img"]).permute(0, 3, 1, 2)
    return maps, torch.from_numpy(file["boxes"]), torch.from_numpy(file["ind"]).long(), file


@pytest.mark.parametrize("size", [(7, 7), (1, 1), (19, 25)])
def test_equals_tensorflow(shared, size):
    maps, boxes, rows, file = load(shared / "fixtures/iter_crop_and_resize_tf.npz")
    expected = torch.from_numpy(file[f"out_{size[0]}x{size[1]}"]).permute(0, 3, 1, 2)
    assert len(boxes) == 45
    torch.testing.assert_close(crop_and_resize(maps, boxes, rows, size), expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize("size", [(7, 7), (3, 4)])
def test_gradient_equals_tensorflows(shared, size):
    maps, boxes, rows, file = load(shared / "fixtures/iter_crop_and_resize_grad_tf.npz")
    name = f"{size[0]}x{size[1]}"
    maps.requires_grad_()
    crops = crop_and_resize(maps, boxes, rows, size)
    torch.testing.assert_close(
        crops, torch.from_numpy(file[f"out_{name}"]).permute(0, 3, 1, 2), rtol=0, atol=1e-6
    )
    crops.backward(torch.from_numpy(file[f"upstream_{name}"]).permute(0, 3, 1, 2))
    expected = torch.from_numpy(file[f"grad_img_{name}"]).permute(0, 3, 1, 2)
    torch.testing.assert_close(maps.grad, expected, rtol=1e-4, atol=1e-5)


def by_the_book(image, box, size, outside):
    """One box of one map, sample by sample."""
    height, width = image.shape[1:]
    crop = torch.full((image.shape[0], *size), outside, dtype=image.dtype)

    def point(first, last, step, samples, extent):
        if samples == 1:
            return 0.5 * (first + last) * (extent - 1)
        return first * (extent - 1) + step * (last - first) * (extent - 1) / (samples - 1)

    for r in range(size[0]):
        for s in range(size[1]):
            y, x = point(box[0], box[2], r, size[0], height), point(box[1], box[3], s, size[1], width)
            if not (0 <= y <= height - 1 and 0 <= x <= width - 1):
                continue
            crop[:, r, s] = 0
            for i in {math.floor(y), math.ceil(y)}:
                for j in {math.floor(x), math.ceil(x)}:
                    crop[:, r, s] += (1 - abs(y - i)) * (1 - abs(x - j)) * image[:, i, j]
    return crop


EDGE = st.integers(-7, 17).map(lambda tenths: tenths / 10)


@settings(max_examples=40, deadline=None)
@given(
    box=st.tuples(EDGE, EDGE, EDGE, EDGE),
    size=st.tuples(st.integers(1, 5), st.integers(1, 5)),
    extent=st.tuples(st.sampled_from([1, 2, 5, 9]), st.sampled_from([1, 3, 5])),
)
def test_any_box_equals_the_rule_written_out(box, size, extent):
    # Extents for which a box of tenths lands within float noise of an edge are decided by the noise: shift them off it.
    box = [edge + 1e-4 * math.pi for edge in box]
    maps = torch.randn(2, 3, *extent, dtype=torch.double, generator=torch.Generator().manual_seed(0))
    found = crop_and_resize(
        maps, torch.tensor([box], dtype=torch.double), torch.tensor([1]), size, outside=0.5
    )
    torch.testing.assert_close(found[0], by_the_book(maps[1], box, size, 0.5))


def test_the_gradient_is_that_of_finite_differences():
    boxes = torch.tensor(
        [[0.1, 0.2, 0.9, 0.7], [-0.3, 0.5, 0.4, 1.4], [0.8, 0.9, 0.1, 0.2]], dtype=torch.double
    )
    maps = torch.randn(2, 2, 4, 5, dtype=torch.double, requires_grad=True)
    assert torch.autograd.gradcheck(
        lambda x: crop_and_resize(x, boxes, torch.tensor([0, 1, 1]), (3, 2)), maps
    )


def test_no_boxes_make_no_crops():
    crops = crop_and_resize(
        torch.ones(1, 3, 4, 4), torch.zeros(0, 4), torch.zeros(0, dtype=torch.long), (7, 7)
    )
    assert crops.shape == (0, 3, 7, 7)
