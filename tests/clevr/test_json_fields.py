import pytest

from visreason.clevr.json_fields import optional, typed
from visreason.errors import DataError


def test_a_value_of_the_right_type() -> None:
    assert typed({"n": 3}, "n", int, "question 1") == 3
    assert optional({"n": 3}, "n", int, "question 1") == 3
    assert optional({}, "n", int, "question 1") is optional({"n": None}, "n", int, "question 1") is None


@pytest.mark.parametrize("take", [typed, optional])
@pytest.mark.parametrize("value", [True, 3.0, "3", [3]])
def test_another_type_is_an_error(take: type[object], value: object) -> None:
    with pytest.raises(DataError, match="question 1: 'n' should be of type int, not"):
        take({"n": value}, "n", int, "question 1")  # type: ignore[call-arg]


def test_a_missing_key_is_named_with_those_that_are_there() -> None:
    with pytest.raises(DataError, match="question 1 has no key 'n'; it has 'a', 'b'"):
        typed({"a": 1, "b": 2}, "n", int, "question 1")
