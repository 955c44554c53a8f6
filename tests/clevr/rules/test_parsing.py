import pytest

from visreason.clevr.rules import Cogent, Depth, Families, ObjectCount, Pairs, Relations, Rule, parse_rule
from visreason.errors import UsageError


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("cogent=A", Cogent("A")),
        ("objects=3-6", ObjectCount(3, 6)),
        ("objects=5", ObjectCount(5, 5)),
        ("families=0-2,39", Families(frozenset({0, 1, 2, 39}))),
        ("families!=39", Families(frozenset({39}), held_out=True)),
        ("depth<=4", Depth(0, 4)),
        ("depth>=5", Depth(5, None)),
        ("depth=7", Depth(7, 7)),
        ("depth=3-6", Depth(3, 6)),
        ("pairs!=blue+metal,red+cube", Pairs((("red", "cube"), ("blue", "metal")), held_out=True)),
        ("pairs=red+cube", Pairs((("red", "cube"),), held_out=False)),
        ("relations!=left+red", Relations((("left", "red"),), held_out=True)),
        ("relations=same_size+cube", Relations((("same_size", "cube"),), held_out=False)),
    ],
)
def test_every_form_is_read_and_written(text: str, rule: Rule) -> None:
    assert parse_rule(text) == rule
    assert str(rule) == text


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("  pairs != cube + red ", "pairs!=red+cube"),
        ("families=3, 5-7,6", "families=3,5-7"),
        ("relations=red+left,red+left", "relations=left+red"),
        ("depth= 4 - 4", "depth=4"),
    ],
)
def test_other_spellings_come_to_the_same(text: str, canonical: str) -> None:
    assert str(parse_rule(text)) == canonical


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("red cubes", "'red cubes' is no rule. A rule is NAME=VALUE: cogent=A; objects=3-6"),
        ("family=3", "families=0-8,39"),
        ("cogent=C", "conditions A and B"),
        ("cogent!=A", "no rule for cogent"),
        ("objects<=6", "Write objects=3-6"),
        ("objects=0-3", "0 to 3 objects"),
        ("objects=3-300", "the most is 255"),
        ("objects=6-3", "'6-3' is no number or range"),
        ("families=", "no rule for families"),
        ("families=0-8,x", "'x' is no number or range"),
        ("depth!=4", "no rule for depth"),
        ("depth<=3-4", "one number is wanted after <="),
        ("depth=four", "'four' is no number"),
        ("pairs!=red", "'red' is no combination of two words"),
        ("pairs!=red+blue", "red and blue are both a color"),
        ("pairs!=red+cubes", "Did you mean cube"),
        ("relations!=left+right", "'right' is no attribute"),
        ("relations!=red+cube", "is no relation"),
    ],
)
def test_what_is_no_rule_is_told_with_what_is_one(text: str, message: str) -> None:
    with pytest.raises(UsageError) as error:
        parse_rule(text)
    assert message in str(error.value)
