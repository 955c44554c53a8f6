from dataclasses import replace

import pytest

from visreason.metrics.intervals import Interval
from visreason.zoo.card import card_of
from visreason.zoo.ledger_tables import model_tables
from visreason.zoo.record import Measured, Record, Role


@pytest.fixture(scope="module")
def tested() -> Record:
    """rn-quick's record as one of two seeds, tested on everything that there is."""
    whole = card_of("rn-quick").record
    overall = Interval(0.878, 0.872, 0.883, 14_829)
    figures = {
        **whole.tests[0].figures,
        "accuracy.overall": [overall],
        **{f"counterfactual.{name}": [overall] for name in ("both_right", "stayed")},
    }

    def twice(role: Role, data: str, only: list[str]) -> Measured:
        both = {
            name: [values[0], replace(values[0], value=values[0].value - 0.02)]
            for name, values in figures.items()
        }
        return Measured(role, data, "test", {"scenes": 9, "only": only, "seed": 1}, chose=False, figures=both)

    tests = [twice("generated", "w", []), twice("real", "CLEVR_v1.0", []), twice("rules", "b", ["cogent=B"])]
    return replace(whole, runs=[replace(whole.runs[0], seed=seed) for seed in (0, 5)], tests=tests, goal=0.95)


def test_every_figure_of_a_record_is_drawn(tested: Record) -> None:
    text = "\n".join(model_tables([tested], ["rn-quick"]))
    for head in ("Models", "By question type", "From generated to real", "Split rules", "Several seeds"):
        assert f"## {head}\n" in text
    assert "| 86.8 ± 1.4 % (87.2–88.3) | 95.0 % |" in text
    assert "| no rules |" not in text.partition("## Split rules")[2].partition("##")[0].split("cogent=B")[1]
    assert "0: 87.8, 5: 85.8" in text
    assert (
        "`visreason generate b --split test --scenes 9 --only cogent=B --seed 1 --counterfactuals 1648`"
        in text
    )
    assert "both right | stayed | pairs |" in text


def test_a_quick_recipe_that_does_not_ship_stands_by_itself(tested: Record) -> None:
    text = "\n".join(model_tables([tested, replace(tested, name="other-quick")], ["rn-quick"]))
    models, _, rest = text.partition("### Quick recipes")
    assert "[rn-quick]" in models
    assert "other-quick" not in models
    assert "| other-quick | answers right | 86.8 ± 1.4 % (87.2–88.3) |" in rest
