import pytest
import torch

from visreason.errors import ModelError
from visreason.models import CnnLstm, CnnLstmConfig, QuestionOnly, QuestionOnlyConfig
from visreason.nn.batch import Batch
from visreason.nn.image_encoder import ImageEncoderConfig


def build(**settings) -> CnnLstm:
    torch.manual_seed(0)
    small = {"projection": 3, "word_size": 5, "lstm_hidden": 8, "f_widths": (9,)}
    see = ImageEncoderConfig(kind="features", shape=(5, 4, 7))
    config = CnnLstmConfig(vocabulary_size=20, answer_count=6, image=see, **{**small, **settings})
    return CnnLstm(config).eval()


def test_reads_the_question_beside_all_pooled_cells():
    model = build()
    batch = Batch(
        tokens=torch.tensor([[3, 4], [5, 0]]), lengths=torch.tensor([2, 1]), features=torch.randn(2, 5, 4, 7)
    )
    projected = model.cells[0](batch.features).relu()
    seen = torch.nn.functional.max_pool2d(projected, 2).flatten(1)
    assert seen.shape[1] == 3 * 2 * 3  # the odd column is left out, as the reference does
    expected = model.head(torch.cat([model.text(batch.tokens, batch.lengths), seen], dim=1))
    torch.testing.assert_close(model(batch).logits, expected)


def test_questions_of_one_image_share_what_is_seen():
    model, features = build(res_blocks=1, res_dim=4), torch.randn(1, 5, 4, 7)
    question = {"tokens": torch.tensor([[3, 4], [5, 0]]), "lengths": torch.tensor([2, 1])}
    apart = model(Batch(**question, features=features.expand(2, -1, -1, -1))).logits
    shared = model(Batch(**question, features=features, image_rows=torch.tensor([0, 0]))).logits
    torch.testing.assert_close(shared, apart)


def test_a_map_that_is_too_small_to_pool_is_refused():
    see = ImageEncoderConfig(kind="features", shape=(5, 3, 3))
    with pytest.raises(ModelError, match="3x3 cells cannot be pooled by 4x4"):
        CnnLstm(CnnLstmConfig(vocabulary_size=9, answer_count=4, image=see, pooling="max4"))


def test_published_sizes():
    see = ImageEncoderConfig(kind="features", shape=(1024, 14, 14))
    seeing = CnnLstm(CnnLstmConfig(vocabulary_size=92, answer_count=32, image=see))
    assert sum(one.numel() for one in seeing.parameters()) == 27_636_508
    blind = QuestionOnly(
        QuestionOnlyConfig(
            vocabulary_size=92,
            answer_count=32,
            word_size=300,
            lstm_hidden=256,
            lstm_layers=2,
            f_widths=(1024,),
        )
    )
    assert sum(one.numel() for one in blind.parameters()) == 1_421_596
