import pytest

from visreason.clevr.families import (
    FAMILY_COUNTS,
    FAMILY_OFFSETS,
    FAMILY_TOTAL,
    global_family,
)
from visreason.errors import DataError


def test_offsets_are_those_of_the_release() -> None:
    assert FAMILY_TOTAL == 90
    assert FAMILY_OFFSETS == {
        "compare_integer": 0,
        "comparison": 9,
        "three_hop": 25,
        "single_and": 31,
        "same_relate": 36,
        "single_or": 64,
        "one_hop": 72,
        "two_hop": 78,
        "zero_hop": 84,
    }


def test_every_number_is_given_once() -> None:
    numbers = [global_family(name, i) for name, count in FAMILY_COUNTS.items() for i in range(count)]
    assert numbers == list(range(90))


@pytest.mark.parametrize(("file", "index"), [("riddles.json", 0), ("one_hop", 6), ("one_hop.json", -1)])
def test_unknown_families_are_refused(file: str, index: int) -> None:
    with pytest.raises(DataError, match=file):
        global_family(file, index)
