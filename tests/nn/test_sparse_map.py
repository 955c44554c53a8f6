"""The constant sparse map and its transposed."""

import pytest
import torch

from visreason.nn.sparse_map import SparseMap


@pytest.fixture
def entries():
    numbers = torch.Generator().manual_seed(0)
    rows, columns = (torch.randint(0, most, (30,), generator=numbers) for most in (6, 9))
    return rows, columns, torch.randn(30, dtype=torch.double, generator=numbers)


@pytest.fixture
def dense(entries):
    return torch.zeros(6, 9, dtype=torch.double).index_put(entries[:2], entries[2], accumulate=True)


def test_both_orientations_equal_the_full_matrix(entries, dense):
    x, y = torch.randn(9, 4, dtype=torch.double), torch.randn(6, 4, dtype=torch.double)
    sparse = SparseMap(*entries, (6, 9))
    torch.testing.assert_close(sparse(x), dense @ x)
    torch.testing.assert_close(sparse.transposed(y), dense.T @ y)


def test_gradients_are_those_of_finite_differences(entries):
    sparse = SparseMap(*entries, (6, 9))
    assert torch.autograd.gradcheck(sparse, torch.randn(9, 2, dtype=torch.double, requires_grad=True))
    assert torch.autograd.gradcheck(
        sparse.transposed, torch.randn(6, 2, dtype=torch.double, requires_grad=True)
    )


def test_a_map_without_entries_gives_zeros_of_the_right_shape():
    nothing = torch.zeros(0, dtype=torch.long)
    sparse = SparseMap(nothing, nothing, torch.zeros(0), (3, 5))
    x = torch.ones(5, 2, requires_grad=True)
    y = sparse(x)
    assert torch.equal(y, torch.zeros(3, 2))
    y.sum().backward()
    assert torch.equal(x.grad, torch.zeros(5, 2))


def test_sums_are_made_in_the_precision_of_the_values(entries, dense):
    x = torch.randn(9, 4).bfloat16().requires_grad_()
    y = SparseMap(*entries, (6, 9))(x)
    assert y.dtype == torch.double
    torch.testing.assert_close(y, dense @ x.double())
    y.sum().backward()
    assert x.grad.dtype == torch.bfloat16


def test_autocast_leaves_the_sums_as_they_are(entries, dense):
    x = torch.randn(9, 4, dtype=torch.double)
    with torch.autocast("cpu", torch.bfloat16):
        found = SparseMap(*entries, (6, 9))(x)
    torch.testing.assert_close(found, dense @ x)
