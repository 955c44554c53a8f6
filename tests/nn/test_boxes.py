"""Box coding against the reference's numbers."""

import numpy as np
import pytest
import torch

from visreason.nn.boxes import decode_boxes, encode_boxes, overlap

IMAGE = (320, 480)


@pytest.fixture
def reference(shared):
    return np.load(shared / "fixtures/snmn_boxes.npz")


@pytest.mark.parametrize("grid", [(14, 14), (10, 15), (7, 9)])
def test_cells_offsets_and_boxes_equal_the_references(reference, grid):
    name = f"{grid[0]}x{grid[1]}"
    boxes = torch.from_numpy(reference["boxes_xywh"]).double()
    index, offset = encode_boxes(boxes, IMAGE, grid)
    sure = torch.from_numpy(~reference[f"{name}/near_half"].astype(bool).reshape(len(boxes), -1).any(1))
    assert sure.sum() > 150
    assert torch.equal(index[sure], torch.from_numpy(reference[f"{name}/ind"]).long()[sure])
    expected = torch.from_numpy(reference[f"{name}/offset"])
    torch.testing.assert_close(offset[sure], expected[sure], rtol=1e-12, atol=1e-9)
    torch.testing.assert_close(decode_boxes(index, offset, IMAGE, grid), boxes, rtol=1e-12, atol=1e-9)


@pytest.mark.parametrize("grid", [(14, 14), (10, 15), (7, 9)])
def test_any_prediction_decodes_as_the_reference_does(reference, grid):
    name = f"{grid[0]}x{grid[1]}"
    index, offset = (torch.from_numpy(reference[f"{name}/random_{part}"]) for part in ("ind", "offset"))
    found = decode_boxes(index.long(), offset.float(), IMAGE, grid)
    expected = torch.from_numpy(reference[f"{name}/random_decoded_xywh"]).float()
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-3)


def test_overlap_equals_the_references(reference):
    boxes, predicted = (torch.from_numpy(reference[name]) for name in ("boxes_xywh", "iou_pred_xywh"))
    found = overlap(predicted.double(), boxes.double())
    torch.testing.assert_close(found, torch.from_numpy(reference["iou"]).double(), rtol=1e-5, atol=1e-6)
    assert (found >= 0.5).double().mean().item() == pytest.approx(float(reference["p_at_05"].mean()))


def test_boxes_that_lie_apart_share_nothing():
    apart = overlap(torch.tensor([[0.0, 0, 3, 3]]), torch.tensor([[5.0, 5, 3, 3]]))
    assert apart.tolist() == [0]
