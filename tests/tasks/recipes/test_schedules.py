from itertools import pairwise

import pytest

from visreason.errors import UsageError
from visreason.tasks.recipes.schedules import Constant, Moment, Plateau, SlowStart, Stillness, WarmupCosine


def test_slow_start_doubles_every_twenty_epochs_up_to_the_peak() -> None:
    rates = [SlowStart(5e-6, 2.0, 20).rate(5e-4, Moment(epoch=epoch)) for epoch in range(350)]
    assert rates[:20] == [5e-6] * 20
    assert rates[20] == 1e-5
    assert rates[120] == pytest.approx(3.2e-4)
    assert rates[140:] == [5e-4] * 210


def test_warmup_cosine_rises_to_the_peak_and_falls_to_the_final_rate() -> None:
    schedule = WarmupCosine(warmup=10, final=0.1)
    rates = [schedule.rate(1e-3, Moment(step=step, steps=100)) for step in range(101)]
    assert rates[0] == pytest.approx(1e-4)
    assert max(rates) == pytest.approx(1e-3) == rates[9]
    assert all(before >= after for before, after in pairwise(rates[10:]))
    assert rates[-1] == pytest.approx(1e-4)


def test_warmup_longer_than_training_never_divides_by_zero() -> None:
    assert WarmupCosine(warmup=5, final=0.0).rate(1.0, Moment(step=5, steps=5)) == 1.0


def test_plateau_falls_with_every_drop_and_constant_never() -> None:
    assert Plateau(0.1, 3).rate(1.0, Moment(drops=2)) == pytest.approx(0.01)
    assert Constant().rate(0.3, Moment(epoch=99, step=9999, drops=7)) == 0.3


def test_stillness_counts_epochs_without_a_rise_above_min_delta() -> None:
    still = Stillness(min_delta=0.05)
    assert [still.update(score) for score in (0.5, 0.54, 0.56, 0.6, 0.62)] == [0, 1, 0, 1, 0]
    assert Stillness.from_dict(still.to_dict()) == still


@pytest.mark.parametrize(
    ("make", "setting"),
    [
        (lambda: SlowStart(0.0, 2.0, 20), "schedule.start"),
        (lambda: SlowStart(1e-6, 0.5, 20), "schedule.gamma"),
        (lambda: SlowStart(1e-6, 2.0, 0), "schedule.step"),
        (lambda: WarmupCosine(-1, 0.1), "schedule.warmup"),
        (lambda: WarmupCosine(1, 1.5), "schedule.final"),
        (lambda: Plateau(1.0, 3), "schedule.factor"),
        (lambda: Plateau(0.5, 0), "schedule.patience"),
    ],
)
def test_a_wrong_value_is_an_error_that_names_the_setting(make: object, setting: str) -> None:
    with pytest.raises(UsageError, match=setting):
        make()  # type: ignore[operator]
