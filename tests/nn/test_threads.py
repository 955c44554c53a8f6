import os
import threading

import pytest
import torch

from visreason.nn.threads import limited_threads, on_threads


def test_results_come_in_order_and_from_other_threads():
    names = on_threads([threading.get_ident, threading.get_ident])
    assert threading.get_ident() not in names
    assert on_threads([lambda number=number: number**2 for number in range(9)]) == [n**2 for n in range(9)]


def test_a_single_task_runs_here_with_all_threads():
    assert on_threads([threading.get_ident]) == [threading.get_ident()]


def test_each_task_has_one_thread_and_the_caller_keeps_its_own():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        assert on_threads([torch.get_num_threads, torch.get_num_threads]) == [1, 1]
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


def test_no_gradient_is_recorded():
    weight = torch.ones(2, requires_grad=True)
    results = on_threads([lambda: weight * 2, lambda: weight * 3])
    assert not any(result.requires_grad for result in results)


def test_an_error_reaches_the_caller():
    def fail():
        raise ArithmeticError("no")

    with pytest.raises(ArithmeticError, match="no"):
        on_threads([fail, lambda: None])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_works_in_a_forked_process():
    on_threads([lambda: 1, lambda: 2])
    child = os.fork()
    if child == 0:
        os._exit(sum(on_threads([lambda: 3, lambda: 4])))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7


def test_a_limit_holds_inside_the_block_only() -> None:
    before = torch.get_num_threads()
    with pytest.raises(KeyError), limited_threads(1):
        assert torch.get_num_threads() == 1
        raise KeyError
    assert torch.get_num_threads() == before
    with limited_threads(None):
        assert torch.get_num_threads() == before
