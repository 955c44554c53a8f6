from dataclasses import replace

from visreason.zoo.card import card_of
from visreason.zoo.card_page import draw_card
from visreason.zoo.record import Record


def test_a_card_s_page_has_its_commands_scores_and_limits(record: Record) -> None:
    noted = replace(record, note="A trial.")
    card = replace(card_of("rn-quick"), record=noted, limits=["It is small."])
    text = draw_card(card)
    assert "* It is small.\n\nA trial." in text
    assert card.sha256 in text
    assert "### Real images: world, test" in text
    assert "visreason train rn-state --seeds 1,2" in text
    assert "| accuracy, count |" in text
