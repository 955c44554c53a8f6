from dataclasses import replace

import torch

from visreason.benchmarks.snmn_step import PUBLISHED, Trainer, make_batch, run
from visreason.nn.image_encoder import ImageEncoderConfig

SMALL = replace(
    PUBLISHED,
    image=ImageEncoderConfig(kind="features", shape=(4, 3, 3)),
    dim=8,
    word_size=5,
    lstm_hidden=6,
    position_size=4,
    memory_size=7,
    answer_hidden=9,
)


def test_both_forms_do_the_same():
    batch = make_batch(SMALL, 6, per_image=4)
    plain, ours = (Trainer(SMALL, plain=plain) for plain in (True, False))
    torch.testing.assert_close(plain.loss(batch), ours.loss(batch))
    torch.testing.assert_close(plain.gradient(batch), ours.gradient(batch), rtol=1e-4, atol=1e-6)


def test_a_step_of_both_forms_leaves_the_same_weights_and_the_same_average():
    batch = make_batch(SMALL, 6)
    plain, ours = (Trainer(SMALL, plain=plain) for plain in (True, False))
    for _ in range(3):
        plain.step(batch)
        ours.step(batch)
    for one, other in zip(plain.average, ours.average, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-6)


def test_rows_say_what_was_measured():
    rows = run(rounds=1, config=SMALL, sizes=(3, 4), measure=False)
    names = ["float32", "gradient", "8-questions-an-image"]
    assert [row.name for row in rows] == [f"snmn-step.{name}" for name in names]
    assert all(row.equal and row.ratio > 0 for row in rows)
