from statistics import fmean

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from visreason.clevr.scene import scene_from_json
from visreason.errors import DataError
from visreason.tasks.loader import (
    EpochLoader,
    batches,
    block_order,
    count_steps,
    epoch_order,
    in_order,
)


def loader(**changes: int) -> EpochLoader:
    settings = {"batch_size": 4, "seed": 0, "epoch": 0} | changes
    return EpochLoader(range(22), torch.tensor, **settings)


def test_an_epoch_holds_every_sample_once() -> None:
    assert sorted(torch.cat(list(loader())).tolist()) == list(range(22))
    assert len(loader()) == 6


def test_the_order_depends_on_seed_and_epoch_alone() -> None:
    assert epoch_order(50, 1, 2).tolist() == epoch_order(50, 1, 2).tolist()
    assert epoch_order(50, 1, 2).tolist() != epoch_order(50, 1, 3).tolist()
    assert epoch_order(50, 1, 2).tolist() != epoch_order(50, 2, 2).tolist()


def test_one_question_an_image_is_the_plain_order() -> None:
    images = np.arange(22) // 5
    made = EpochLoader(range(22), torch.tensor, batch_size=4, seed=3, epoch=2, per_image=1, images=images)
    order = np.random.default_rng([3, 2]).permutation(22)
    assert torch.cat(list(made)).tolist() == order.tolist()


@given(st.lists(st.integers(0, 6), min_size=1, max_size=60), st.integers(1, 8), st.integers(0, 99))
def test_blocks_hold_questions_of_one_image_side_by_side(
    images: list[int], per_image: int, seed: int
) -> None:
    images_S = np.array(images)
    order = block_order(images_S, per_image, seed, epoch=1)
    assert sorted(order.tolist()) == list(range(len(images)))
    assert order.tolist() == block_order(images_S, per_image, seed, epoch=1).tolist()
    turns = np.flatnonzero(np.diff(images_S[order], prepend=-1))
    blocks = sum(-(-images.count(image) // per_image) for image in set(images))
    assert len(turns) <= blocks  # two blocks of one image may come to stand together


def test_blocks_are_dealt_anew_each_epoch() -> None:
    images = np.repeat(np.arange(30), 10)
    first, second = (block_order(images, 5, seed=0, epoch=epoch) for epoch in (0, 1))
    for order in (first, second):
        assert (images[order].reshape(-1, 5) == images[order].reshape(-1, 5)[:, :1]).all()
    assert {frozenset(block) for block in first.reshape(-1, 5).tolist()} != {
        frozenset(block) for block in second.reshape(-1, 5).tolist()
    }
    assert images[first].tolist() != images[second].tolist()
    assert images[first].tolist() != sorted(images.tolist())


def test_blocks_go_on_in_the_middle_and_stay_whole_over_processes() -> None:
    images = np.repeat(np.arange(6), 4)

    def blocks(rank: int = 0, ranks: int = 1) -> EpochLoader:
        return EpochLoader(
            range(24),
            torch.tensor,
            batch_size=4,
            seed=0,
            epoch=0,
            per_image=2,
            images=images,
            rank=rank,
            ranks=ranks,
        )

    whole = [batch.tolist() for batch in blocks()]
    first, second = blocks(), blocks()
    walk = iter(first)
    begun = [next(walk).tolist() for _ in range(2)]
    second.load_state_dict(first.state_dict())
    assert begun + [batch.tolist() for batch in second] == whole
    parts = [torch.cat(list(blocks(rank, 2))) for rank in (0, 1)]
    assert sorted(torch.cat(parts).tolist()) == list(range(24))
    for part in parts:
        pairs = images[part.numpy()].reshape(-1, 2)
        assert (pairs[:, 0] == pairs[:, 1]).all()


@pytest.mark.parametrize("workers", [0, 1])
def test_a_loader_goes_on_from_a_saved_state(workers: int) -> None:
    whole = [batch.tolist() for batch in loader()]
    first = loader(workers=workers)
    walk = iter(first)
    begun = [next(walk).tolist() for _ in range(2)]
    second = loader(workers=workers)
    second.load_state_dict(first.state_dict())
    assert begun + [batch.tolist() for batch in second] == whole


@pytest.mark.parametrize("workers", [0, 1])
def test_an_error_says_the_same_from_a_worker(workers: int) -> None:
    with pytest.raises(DataError, match=r"^scene should be a JSON object, not \[2, 3\]\.$"):
        list(batches(range(4), scene_from_json, [[2, 3]], workers))


def test_the_state_of_another_epoch_starts_at_the_first_batch() -> None:
    later = loader(epoch=1)
    later.load_state_dict({"epoch": 0, "done": 6})
    assert len(list(later)) == 6


@given(st.integers(1, 40), st.integers(1, 9), st.integers(1, 5))
def test_processes_share_the_very_batches_of_one(samples: int, size: int, ranks: int) -> None:
    def made(rank: int = 0, ranks: int = 1) -> EpochLoader:
        return EpochLoader(
            range(samples), torch.tensor, batch_size=size, seed=0, epoch=0, rank=rank, ranks=ranks
        )

    parts = [made(rank, ranks) for rank in range(ranks)]
    for whole, *shares in zip(made().shares, *(part.shares for part in parts), strict=True):
        assert [row for share in shares for row in share.rows[: share.own]] == list(whole.rows)
        assert all(share.rows for share in shares)  # nobody waits for a batch that others have
        mean = fmean(share.weight(ranks) * fmean(share.rows) for share in shares)
        assert mean == pytest.approx(fmean(whole.rows))


def test_processes_share_the_shown_samples_too() -> None:
    def made(rank: int, ranks: int) -> list[list[int]]:
        shown = {"shown": 5, "shown_per_batch": 2}
        loader = EpochLoader(
            range(22), torch.tensor, batch_size=4, seed=0, epoch=0, rank=rank, ranks=ranks, **shown
        )
        return [list(share.rows) for share in loader.shares]

    for whole, *parts in zip(made(0, 1), made(0, 2), made(1, 2), strict=True):
        assert sorted(row for part in parts for row in part) == sorted(whole)
        assert all(part[-1] < 5 for part in parts)


def test_measuring_with_three_processes_counts_every_sample_once() -> None:
    seen = [index for rank in range(3) for group in in_order(22, 4, rank, 3) for index in group]
    assert sorted(seen) == list(range(22))


def test_loading_leaves_the_training_random_numbers_alone() -> None:
    torch.manual_seed(0)
    before = torch.get_rng_state()
    list(batches(range(4), torch.tensor, [[0, 1], [2, 3]], workers=0))
    assert torch.equal(torch.get_rng_state(), before)


def test_steps_round_up_each_epoch_and_each_accumulation() -> None:
    assert count_steps(50, [8, 8, 16], accumulate=1) == 7 + 7 + 4
    assert count_steps(50, [8], accumulate=4) == 2
