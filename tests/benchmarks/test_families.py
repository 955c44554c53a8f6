import pytest

from visreason.benchmarks.families import SETTINGS, run
from visreason.models import MODELS


def test_every_family_is_measured():
    assert MODELS.keys() <= SETTINGS.keys()


@pytest.mark.parametrize("family", MODELS)
def test_a_batch_and_its_samples_one_by_one_give_the_same(family):
    inference, training = run(rounds=1, samples=2, families=[family])
    assert [inference.name, training.name] == [
        f"families.{family}.inference",
        f"families.{family}.training",
    ]
    assert inference.equal
    assert training.equal
    assert inference.value > 0
    assert 1 < inference.memory_ratio < 4  # of two samples at once; what both need is held twice in no form
