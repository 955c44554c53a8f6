from dataclasses import replace

import torch

from visreason.benchmarks.word_attention import CASES, PUBLISHED, build, make_batch, run, step
from visreason.nn.image_encoder import ImageEncoderConfig

SMALL = replace(
    PUBLISHED,
    image=ImageEncoderConfig(kind="features", shape=(4, 3, 3)),
    dim=8,
    attention_hidden=6,
    word_size=5,
    f_widths=(7,),
)


def test_both_forms_do_the_same():
    batch = make_batch(SMALL, 6, words=5, per_image=4)
    plain, ours = (build(SMALL, plain=plain).eval() for plain in (True, False))
    torch.testing.assert_close(plain(batch).logits, ours(batch).logits)
    torch.testing.assert_close(step(plain, batch), step(ours, batch), rtol=1e-4, atol=1e-6)


def test_rows_say_what_was_measured():
    rows = run(rounds=1, config=SMALL, questions=3, words=4)
    assert [row.name for row in rows] == list(CASES)
    assert all(row.equal and row.ratio > 0 for row in rows)
