import pytest

from visreason.errors import ModelError
from visreason.zoo.card import card_of


def test_a_card_is_read_by_its_name() -> None:
    card = card_of("rn-quick")
    assert (card.record.name, card.licence, card.dtype) == ("rn-quick", "Apache-2.0", "bfloat16")
    with pytest.raises(ModelError, match=r"no model called rn-slow ships\. There are .*rn-quick"):
        card_of("rn-slow")
