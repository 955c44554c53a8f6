from pathlib import Path

from visreason.clevr.attributes import (
    ATTRIBUTES,
    COGENT_COLORS,
    COLORS,
    PALETTE,
    RADIUS,
    RELATIONS,
    SHAPES,
    SIZES,
)
from visreason.files import read_json


def test_the_words_are_those_of_the_official_metadata(shared: Path) -> None:
    types = read_json(shared / "data" / "clevr_templates" / "metadata.json")["types"]
    for name, words in ATTRIBUTES.items():
        assert set(words) == set(types[name.capitalize()])
    assert list(RELATIONS) == types["Relation"]


def test_no_word_belongs_to_two_attributes() -> None:
    words = [word for values in ATTRIBUTES.values() for word in values]
    assert len(words) == len(set(words)) == 15


def test_every_size_and_colour_has_its_measure() -> None:
    assert set(RADIUS) == set(SIZES)
    assert set(PALETTE) == set(COLORS)
    assert len(set(PALETTE.values())) == len(COLORS)


def test_cogent_conditions_swap_cubes_and_cylinders() -> None:
    a, b = COGENT_COLORS["A"], COGENT_COLORS["B"]
    assert set(a) == set(b) == set(SHAPES)
    assert a["cube"] == b["cylinder"]
    assert a["cylinder"] == b["cube"]
    assert set(a["cube"]) | set(a["cylinder"]) == set(COLORS)
    assert not set(a["cube"]) & set(a["cylinder"])
