from visreason.zoo.card import card_of
from visreason.zoo.catalogue import recipe_names
from visreason.zoo.model_list import list_models
from visreason.zoo.shipped_models import shipped_names


def test_every_recipe_and_every_shipped_model_is_a_row() -> None:
    rows = {row.name: row for row in list_models()}
    assert list(rows) == sorted({*recipe_names(), *shipped_names()})
    assert [row.name for row in rows.values() if row.shipped] == shipped_names()
    assert (rows["rn-pixels-rendered"].parameters, rows["rn-pixels-rendered"].size) == (484_580, None)
    row, card = rows["rn-quick"], card_of("rn-quick")
    assert (row.parameters, row.own, row.size) == (card.record.parameters, card.record.headline(), card.size)
