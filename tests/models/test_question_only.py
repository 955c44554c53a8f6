import pytest
import torch

from visreason.models import QuestionOnly, QuestionOnlyConfig


@pytest.mark.parametrize("encoder", ["lstm", "bag"])
def test_never_looks(make_batch, encoder):
    model = QuestionOnly(QuestionOnlyConfig(vocabulary_size=20, answer_count=6, encoder=encoder)).eval()
    batch, blind = make_batch(3), make_batch(3)
    blind.images, blind.objects, blind.object_mask = torch.zeros_like(batch.images), None, None
    assert torch.equal(model(batch).logits, model(blind).logits)


def test_only_the_lstm_minds_the_order_of_words(make_batch):
    batch, turned = make_batch(1), make_batch(1)
    turned.tokens = batch.tokens[:, : batch.lengths[0]].flip(1)
    for encoder, same in (("lstm", False), ("bag", True)):
        torch.manual_seed(0)
        model = QuestionOnly(QuestionOnlyConfig(vocabulary_size=20, answer_count=6, encoder=encoder)).eval()
        assert torch.allclose(model(batch).logits, model(turned).logits, atol=1e-6) is same
