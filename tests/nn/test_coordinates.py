import torch

from visreason.nn.convolution import PixelCnn
from visreason.nn.coordinates import cell_anchors, cells_as_objects, coordinate_channels


def test_published_coordinates_run_from_minus_four_to_four():
    x, y = coordinate_channels(8, 8, torch.zeros(()))
    assert x[3].tolist() == y[:, 5].tolist() == torch.linspace(-4, 4, 8).tolist()


def test_cells_are_in_row_order_with_x_before_y():
    features = torch.arange(6.0).view(1, 1, 2, 3)
    objects = cells_as_objects(features)
    assert objects[0, :, 0].tolist() == [0, 1, 2, 3, 4, 5]
    assert objects[0, 4].tolist() == [4.0, 0.0, 1.0]  # row 1, column 1 of 2 x 3: x 0, y the last


def test_anchor_is_the_centre_of_the_receptive_field():
    cnn = PixelCnn((4, 4)).eval()  # batch norm that mixes no pixels
    for weight in cnn.parameters():
        torch.nn.init.constant_(weight, 0.1)  # no ReLU is closed
    images = torch.rand(1, 3, 32, 32, requires_grad=True)
    cnn(images)[0, :, 3, 5].sum().backward()
    seen = images.grad.abs().sum((0, 1)) > 0
    rows, columns = seen.any(1).nonzero().flatten(), seen.any(0).nonzero().flatten()
    x, y = cell_anchors(8, 8, cnn.stride)[3 * 8 + 5]
    middle = ((columns[0] + columns[-1] + 1) / 2, (rows[0] + rows[-1] + 1) / 2)
    assert (x, y) == (float(middle[0]), float(middle[1]))
