import pytest

from visreason.clevr.functions import TOKENS
from visreason.errors import ModelError
from visreason.nn.functions import FIRST_FUNCTION, Functions


def test_clevrs_functions_have_the_numbers_of_clevr_iep(shared):
    import json

    table = json.loads((shared / "fixtures/vocab.json").read_text())["program_token_to_idx"]
    functions = Functions(TOKENS, tuple(1 if name != "scene" else 0 for name in TOKENS))
    assert {name: functions.number(name) for name in TOKENS} == {
        name: number for name, number in table.items() if number >= FIRST_FUNCTION
    }
    assert functions.symbols == len(table) == 44
    assert functions.name(functions.number("union")) == "union"


@pytest.mark.parametrize(
    ("names", "arities", "said"),
    [
        (("scene", "exist"), (0,), "2 functions but 1 arities"),
        (("scene", "exist"), (0, 3), "0, 1 or 2"),
        (("exist",), (1,), "at least one reads none"),
    ],
)
def test_a_language_that_cannot_be_executed_is_refused(names, arities, said):
    with pytest.raises(ModelError, match=said):
        Functions(names, arities)


def test_an_unknown_function_is_named():
    with pytest.raises(ModelError, match="no function 'paint'"):
        Functions(("scene",), (0,)).number("paint")
