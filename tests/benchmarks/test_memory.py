import pytest
import torch

from visreason.benchmarks.memory import peak_memory, tensor_memory

MIB = 2**18
"""So many numbers of 32 bits are a MiB."""


def test_what_is_given_back_counts_while_it_was_held_only():
    def work():
        for _ in range(3):
            torch.zeros(2 * MIB)
        return torch.zeros(MIB) + torch.zeros(MIB)

    assert tensor_memory(work) == pytest.approx(3, abs=0.01)


def test_what_was_held_before_does_not_count():
    before = torch.zeros(8 * MIB)
    assert tensor_memory(before.clone) == pytest.approx(8, abs=0.01)
    assert peak_memory() > 16
