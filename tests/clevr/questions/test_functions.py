from itertools import pairwise

from visreason.clevr.functions import FUNCTIONS, Type
from visreason.clevr.questions.functions import TEMPLATE_FUNCTIONS


def test_clevrs_own_functions_stand_for_themselves() -> None:
    for name, function in FUNCTIONS.items():
        same = TEMPLATE_FUNCTIONS[name]
        assert (same.inputs, same.slots, same.output) == (function.inputs, function.values, function.output)
        assert same.steps == (name,)


def test_eight_abbreviations() -> None:
    short = {name: function for name, function in TEMPLATE_FUNCTIONS.items() if name not in FUNCTIONS}
    assert len(short) == 8
    assert short["filter_count"].output is Type.INTEGER
    assert short["relate_filter"].output is Type.OBJECT_SET


def test_abbreviations_are_well_typed_chains() -> None:
    for function in TEMPLATE_FUNCTIONS.values():
        steps = [FUNCTIONS[step] for step in function.steps]
        assert steps[0].inputs == function.inputs
        assert steps[-1].output is function.output
        assert tuple(domain for step in steps for domain in step.values) == function.slots
        for before, after in pairwise(steps):
            assert after.inputs == (before.output,)
