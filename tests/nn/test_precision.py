import pytest
import torch

from visreason.nn.precision import widened


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (torch.bfloat16, torch.float32),
        (torch.float16, torch.float32),
        (torch.float32, torch.float32),
        (torch.float64, torch.float64),
    ],
)
def test_sums_are_made_in_at_least_32_bits(given: torch.dtype, found: torch.dtype) -> None:
    assert widened(torch.ones(3, dtype=given)).dtype == found


def test_what_is_wide_enough_is_not_copied() -> None:
    x = torch.ones(3)
    assert widened(x) is x
