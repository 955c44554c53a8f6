import pytest
import torch

from visreason.nn.object_grid import CellScores, TrueCells, detection_loss

COUNTS = (2, 3)


def thing(x, y, depth, *values):
    return [x, y, depth, *values]


def cells(*images, height=4, width=6):
    most = max(map(len, images))
    rows = [[*image, *[[0.5, 0.5, -1.0, 0.0, 0.0]] * (most - len(image))] for image in images]
    mask = torch.tensor([[place < len(image) for place in range(most)] for image in images])
    return TrueCells.of(torch.tensor(rows), mask, height, width)


def scores_that_say(true, sure=20.0):
    """What a network would say that is right in everything."""
    images, height, width = true.present_Bhw.shape
    scores = torch.zeros(images, 1 + sum(COUNTS) + 2, height, width)
    scores[:, 0] = sure * (2 * true.present_Bhw.float() - 1)
    at = (true.image_M, slice(None), true.row_M, true.column_M)
    spoken = [torch.nn.functional.one_hot(true.values_MF[:, each], n) for each, n in enumerate(COUNTS)]
    scores[at] = torch.cat([scores[at][:, :1], sure * torch.cat(spoken, 1), true.offset_M2], dim=1)
    return scores


def test_an_object_belongs_to_the_cell_of_its_centre():
    true = cells([thing(0.26, 0.99, 9.0, 1, 2)], [thing(0.0, 0.0, 9.0, 0, 0), thing(0.99, 0.5, 9.0, 1, 0)])
    assert true.present_Bhw.nonzero().tolist() == [[0, 3, 1], [1, 0, 0], [1, 2, 5]]
    assert list(zip(true.image_M.tolist(), true.row_M.tolist(), true.column_M.tolist(), strict=True)) == [
        (0, 3, 1),
        (1, 0, 0),
        (1, 2, 5),
    ]
    assert true.values_MF.tolist() == [[1, 2], [0, 0], [1, 0]]
    torch.testing.assert_close(true.offset_M2[0], torch.tensor([0.26 * 6 - 1.5, 0.99 * 4 - 3.5]))


def test_of_objects_in_one_cell_the_nearest_counts_and_padding_never_does():
    true = cells([thing(0.1, 0.1, 8.0, 1, 1), thing(0.12, 0.1, 12.0, 0, 0)], [thing(0.9, 0.9, 9.0, 0, 2)])
    assert true.present_Bhw.sum() == len(true.image_M) == 2
    assert true.values_MF.tolist() == [[1, 1], [0, 2]]


def test_centres_outside_the_image_belong_to_its_rim():
    true = cells([thing(1.05, -0.1, 9.0, 0, 0)])
    assert (int(true.row_M), int(true.column_M)) == (0, 5)


def test_the_loss_is_nothing_just_where_everything_is_right():
    true = cells([thing(0.3, 0.3, 9.0, 1, 2), thing(0.7, 0.9, 7.0, 0, 1)])
    right = scores_that_say(true)
    assert detection_loss(CellScores.of(right, COUNTS), true) < 1e-6
    row, column = int(true.row_M[0]), int(true.column_M[0])
    empty = next((r, c) for r in range(4) for c in range(6) if not true.present_Bhw[0, r, c])
    for channel, place, matters in [
        (0, (row, column), True),  # it is there
        (2, (row, column), True),  # which value
        (6, (row, column), True),  # where in the cell
        (0, empty, True),  # nothing is here
        (2, empty, False),  # what nothing is does not matter
        (7, empty, False),
    ]:
        wrong = right.clone()
        wrong[(0, channel, *place)] -= 40.0 if channel or place != empty else -40.0
        loss = detection_loss(CellScores.of(wrong, COUNTS), true)
        assert bool(loss > 1) == matters, (channel, place)


def test_images_without_objects_teach_that_there_are_none():
    true = TrueCells.of(torch.zeros(2, 1, 5), torch.zeros(2, 1, dtype=torch.bool), 4, 6)
    scores = torch.zeros(2, 8, 4, 6, requires_grad=True)
    loss = detection_loss(CellScores.of(scores, COUNTS), true)
    loss.backward()
    assert loss.item() == pytest.approx(48 * 0.6931, rel=1e-3)
    assert (scores.grad[:, 0] > 0).all()
    assert not scores.grad[:, 1:].any()
