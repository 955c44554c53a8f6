import pytest

from visreason.errors import UsageError
from visreason.retrieval.scene_text import read_description


def stands(text: str) -> list[tuple[int, str, int]]:
    return [(stand.first, stand.relation, stand.second) for stand in read_description(text).stands]


def things(text: str) -> list[dict[str, str]]:
    return [dict(thing) for thing in read_description(text).things]


def test_the_line_of_the_manual() -> None:
    text = "red metal cube left of large sphere; blue cylinder"
    assert things(text) == [
        {"color": "red", "material": "metal", "shape": "cube"},
        {"size": "large", "shape": "sphere"},
        {"color": "blue", "shape": "cylinder"},
    ]
    assert stands(text) == [(0, "left", 1)]


@pytest.mark.parametrize(
    ("words", "relation"),
    [
        ("left of", "left"),
        ("is to the left of", "left"),
        ("on the left side of", "left"),
        ("to the right of", "right"),
        ("behind", "behind"),
        ("that is behind", "behind"),
        ("in front of", "front"),
    ],
)
def test_ways_to_say_a_relation(words: str, relation: str) -> None:
    assert stands(f"a cube {words} the sphere.") == [(0, relation, 1)]


def test_synonyms_plurals_and_capitals() -> None:
    assert things("Big SHINY grey balls; tiny matte block; a thing") == [
        {"size": "large", "material": "metal", "color": "gray", "shape": "sphere"},
        {"size": "small", "material": "rubber", "shape": "cube"},
        {},
    ]


def test_relations_in_a_row_go_on_from_the_last_thing() -> None:
    assert stands("cube left of sphere behind cylinder") == [(0, "left", 1), (1, "behind", 2)]


def test_and_before_a_relation_goes_back_to_the_first() -> None:
    assert stands("cube left of sphere and behind cylinder") == [(0, "left", 1), (0, "behind", 2)]


def test_and_between_things_means_each() -> None:
    assert stands("cube and sphere left of cylinder") == [(0, "left", 2), (1, "left", 2)]
    assert stands("cube left of sphere and cylinder") == [(0, "left", 1), (0, "left", 2)]


def test_the_same_words_mean_the_same_thing() -> None:
    assert stands("red cube left of sphere; red cube behind cylinder") == [(0, "left", 1), (0, "behind", 2)]
    assert stands("red cube; cube left of sphere") == [(1, "left", 2)]


def test_the_means_what_was_spoken_of() -> None:
    assert stands("large red cube; the cube left of sphere") == [(0, "left", 1)]
    assert stands("the cube in front of the sphere") == [(0, "front", 1)]
    with pytest.raises(UsageError, match="'the cube' may mean any of 2 things"):
        read_description("red cube; blue cube; the cube left of sphere")


def test_numbers_and_another_make_new_things() -> None:
    assert len(things("red cube; another red cube; two red cubes; 3 red cubes")) == 7
    assert stands("two cubes behind sphere") == [(0, "behind", 2), (1, "behind", 2)]
    assert things("one cube; 1 cube left of sphere") == [{"shape": "cube"}, {"shape": "sphere"}]
    with pytest.raises(UsageError, match="'cube' may mean any of 2 things"):
        read_description("two cubes; cube left of sphere")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "is empty"),
        (" ; ", "is empty"),
        ("gren cube", "the word 'gren' in 'gren cube' is not known here. Did you mean 'green'"),
        ("crimson cube", "Known are big, large, tiny, small, gray, red"),
        ("cube left sphere", "'left' in 'cube left sphere' is not known here. Did you mean 'left of'"),
        ("red, cube", "Did you mean 'red'"),
        ("left of cube", "a thing is missing in 'left of cube'"),
        ("cube behind", "a thing is missing in 'cube behind'"),
        ("cube left of behind sphere", "a thing is missing"),
        ("cube and", "a thing is missing"),
        ("another", "a thing is missing in 'another'"),
        ("two left of cube", "a thing is missing in 'two'"),
        ("red blue cube", "two words for the color: red and blue"),
        ("red cube; red cube", "'red cube' was spoken of before; for one more write 'another red cube'"),
        ("cube left of cube", "speaks of one thing twice; write 'another'"),
        ("0 cubes", "1 to 10 things; 0 were"),
        ("11 cubes", "1 to 10 things; 11 were"),
    ],
)
def test_what_is_not_understood_is_told_in_one_line(text: str, told: str) -> None:
    with pytest.raises(UsageError, match=told) as caught:
        read_description(text)
    assert "\n" not in str(caught.value)
