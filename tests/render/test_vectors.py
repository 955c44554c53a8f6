import torch

from visreason.render import vectors


def directions(count: int = 200) -> torch.Tensor:
    v = torch.randn(3, count, generator=torch.Generator().manual_seed(0))
    return v / v.norm(dim=0)


def test_products_agree_with_torch() -> None:
    a, b = torch.randn(3, 50), torch.randn(3, 50)
    torch.testing.assert_close(vectors.dot(a, b), (a * b).sum(0))
    torch.testing.assert_close(vectors.cross(a, b), torch.linalg.cross(a, b, dim=0))


def test_normalize_keeps_the_zero_vector() -> None:
    v = torch.tensor([[3.0, 0.0], [4.0, 0.0], [0.0, 0.0]])
    torch.testing.assert_close(vectors.normalize(v), torch.tensor([[0.6, 0.0], [0.8, 0.0], [0.0, 0.0]]))


def test_reflect_turns_the_normal_part_around() -> None:
    d, n = directions(), directions().flip(1)
    r = vectors.reflect(d, n)
    torch.testing.assert_close(vectors.dot(r, n), -vectors.dot(d, n), atol=1e-6, rtol=0)
    torch.testing.assert_close(r - vectors.dot(r, n) * n, d - vectors.dot(d, n) * n, atol=1e-6, rtol=0)


def test_spin_turns_counterclockwise() -> None:
    x_axis = torch.tensor([[1.0], [0.0], [2.0]])
    quarter = vectors.spin(x_axis, torch.tensor(0.0), torch.tensor(1.0))
    torch.testing.assert_close(quarter, torch.tensor([[0.0], [1.0], [2.0]]))


def test_frame_is_orthonormal_even_at_the_poles() -> None:
    n = torch.cat((directions(), torch.tensor([[0.0, 0.0], [0.0, 0.0], [1.0, -1.0]])), 1)
    first, second = vectors.frame(n)
    basis = torch.stack((first, second, n)).permute(2, 0, 1)
    torch.testing.assert_close(basis @ basis.mT, torch.eye(3).expand(len(basis), 3, 3), atol=1e-5, rtol=0)
    torch.testing.assert_close(torch.linalg.det(basis), torch.ones(len(basis)), atol=1e-5, rtol=0)


def test_spread_puts_equal_numbers_into_equal_boxes() -> None:
    points = vectors.spread(64, torch.device("cpu"))
    cell = (points * 4).long()
    counts = torch.bincount(cell[0] * 4 + cell[1], minlength=16)
    assert points.min() >= 0
    assert points.max() < 1
    assert counts.min() >= 2
    assert counts.max() <= 6


def test_take_is_indexing_of_the_last_dimension() -> None:
    values, index = torch.randn(3, 9), torch.tensor([8, 0, 0])
    assert torch.equal(vectors.take(values, index), values[:, index])
