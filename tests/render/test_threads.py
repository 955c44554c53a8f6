import threading

import pytest
import torch

from visreason.render.threads import side_by_side


def test_results_keep_the_order_and_operations_stay_on_their_thread() -> None:
    torch.set_num_threads(2)
    meeting = threading.Barrier(2, timeout=20)

    def work(item: int) -> tuple[int, int]:
        meeting.wait()
        return item, torch.get_num_threads()

    assert side_by_side(work, [5, 6]) == [(5, 1), (6, 1)]
    assert torch.get_num_threads() == 2


def test_one_thread_works_alone() -> None:
    torch.set_num_threads(1)
    assert set(side_by_side(lambda _: threading.get_ident(), [1, 2, 3])) == {threading.get_ident()}
    assert side_by_side(abs, []) == []


def test_an_error_gets_out_and_the_setting_is_restored() -> None:
    torch.set_num_threads(2)
    with pytest.raises(ZeroDivisionError):
        side_by_side(lambda item: 1 // item, [1, 0])
    assert torch.get_num_threads() == 2
