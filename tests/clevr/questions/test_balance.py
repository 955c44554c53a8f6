from collections import Counter
from random import Random

from visreason.clevr.questions import own_templates, referring_templates
from visreason.clevr.questions.balance import Balance
from visreason.clevr.questions.plan import Plan, make_plan

PLANS = [make_plan(template, own_templates()) for template in own_templates().templates]
YES_NO, COUNT, COLOR = PLANS[85], PLANS[84], PLANS[88]


def counted(plan: Plan, *counts: int) -> Balance:
    balance = Balance([plan])
    for answer, count in zip(plan.answers, counts, strict=False):
        for _ in range(count):
            balance.record(plan, answer)
    return balance


def test_everything_is_allowed_at_first() -> None:
    for plan in (YES_NO, COUNT, COLOR):
        assert Balance(PLANS).allowed(plan) == frozenset(plan.answers)


def test_yes_and_no_alternate_at_first() -> None:
    assert counted(YES_NO, 1, 0).allowed(YES_NO) == {False}
    assert counted(YES_NO, 1, 1).allowed(YES_NO) == {True, False}
    assert counted(YES_NO, 2, 3).allowed(YES_NO) == {True}


def test_a_tenth_ahead_is_allowed() -> None:
    assert counted(YES_NO, 20, 22).allowed(YES_NO) == {True, False}
    assert counted(YES_NO, 20, 23).allowed(YES_NO) == {True}


def test_no_more_than_five_times_the_median() -> None:
    # counts of 0, 1, 2: 26, 26, 25; the median of all eleven numbers is 0 and counts as 5
    assert counted(COUNT, 26, 26, 25).allowed(COUNT) == set(range(2, 11))
    # the median of eight colours is 6 here
    assert counted(COLOR, 31, 30, 30, 6, 6, 6, 6, 6).allowed(COLOR) == set(COLOR.answers[1:])


def test_only_one_answer_possible() -> None:
    lonely = counted(YES_NO, 3)
    lonely._answers[YES_NO.template.family].pop(False)
    assert lonely.allowed(YES_NO) == {True}


def test_least_used_first_and_ties_at_random() -> None:
    balance = Balance(PLANS)
    for plan in PLANS[:80]:
        balance.use(plan)
    orders = [balance.order(PLANS, Random(seed)) for seed in range(30)]
    for order in orders:
        assert Counter(map(id, order)) == Counter(map(id, PLANS))
        assert {plan.template.family for plan in order[:10]} == set(range(80, 90))
    assert len({order[0].template.family for order in orders}) > 4


def test_an_expression_should_refer_to_what_was_referred_to_least() -> None:
    referring = make_plan(referring_templates().templates[0], referring_templates())
    balance = Balance([referring])
    balance.begin(3)
    assert balance.welcome(referring) == ({0, 1, 2},)
    balance.record(referring, 1)
    assert balance.welcome(referring) == ({0, 2}, {1})
    balance.record(referring, 0)
    balance.record(referring, 2)
    assert balance.welcome(referring) == ({0, 1, 2},)
    balance.begin(0)
    assert balance.welcome(referring) == (set(),)
    assert Balance([YES_NO]).welcome(YES_NO) == ({True, False},)
