from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visreason.clevr.questions.wording import is_surely_another, parse_wording, say
from visreason.errors import DataError

SLOTS = ["<Z>", "<C>", "<S>", "<R>"]


def speak(text: str, *, seed: int = 0, drop_other: bool = False, **words: str) -> str:
    filled = {slot: words.get(slot[1], "") for slot in SLOTS}
    return say(parse_wording(text, SLOTS, "here"), filled, Random(seed), drop_other=drop_other)


class TestParse:
    def test_parts(self) -> None:
        wording = parse_wording("What [material] is the <S> 100% made of?", SLOTS, "here")
        assert wording.parts == (
            (False, "What "),
            (True, "material"),
            (False, " is the %(<S>)s 100%% made of?"),
        )
        assert not wording.says_other

    @pytest.mark.parametrize("text", ["Is another <S> red?", "Another <S> is red?", "Is the other <S> red?"])
    def test_notes_other(self, text: str) -> None:
        assert parse_wording(text, SLOTS, "here").says_other

    def test_unknown_slot(self) -> None:
        with pytest.raises(DataError, match=r"one_hop, text 3: .* slot <M2>, .*<Z>, <C>"):
            parse_wording("Is the <M2> <S> red?", SLOTS, "one_hop, text 3")

    @pytest.mark.parametrize(
        "text", ["Is [that <S> red?", "Is that] <S> red?", "Is [[a] <S>] red?", "Is < <S> red?"]
    )
    def test_brackets(self, text: str) -> None:
        with pytest.raises(DataError, match="brackets that do not match"):
            parse_wording(text, SLOTS, "here")


class TestSay:
    def test_fills_and_closes_gaps(self) -> None:
        assert speak("Is the <Z> <C> <S> <Z>?", S="ball") == "Is the ball?"
        assert (
            speak("There is a <Z>; is it the <C> <S>?", C="red", S="cube")
            == "There is a; is it the red cube?"
        )

    def test_optional_parts_come_and_go(self) -> None:
        said = {
            speak("Is the <S> [that is] <R> it red?", seed=seed, S="ball", R="left of") for seed in range(20)
        }
        assert said == {"Is the ball that is left of it red?", "Is the ball left of it red?"}

    def test_per_cent_signs_stay(self) -> None:
        assert speak("Is the <S> 100% red?", S="ball") == "Is the ball 100% red?"

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("There is a <C> <S>; is it red?", "There is an object; is it red?"),
            ("A <C> <S> is visible; is it red?", "An object is visible; is it red?"),
            ("Is there an <C> <S>?", "Is there an object?"),
        ],
    )
    def test_article_before_a_vowel(self, text: str, said: str) -> None:
        assert speak(text, S="object") == said
        assert speak(text, C="red", S="object") == said.replace("an obj", "a red obj").replace("An", "A red")

    def test_equal_keeps_its_article(self) -> None:
        assert speak("Is there an equal number of <S>s?", S="cube") == "Is there an equal number of cubes?"

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("Is there another <S>?", "Is there a cube?"),
            ("Another <S> is red; is it small?", "A cube is red; is it small?"),
            ("Does any other <S> fit?", "Does any cube fit?"),
            ("Is the other <S> there?", "Is the cube there?"),
            ("Other <S>s are there?", "Cubes are there?"),
        ],
    )
    def test_drops_other(self, text: str, said: str) -> None:
        assert speak(text, S="cube", drop_other=True) == said
        assert "ther " in speak(text, S="cube")

    def test_dropping_other_may_leave_an_object(self) -> None:
        assert speak("Is there another <S>?", S="object", drop_other=True) == "Is there an object?"


class TestIsSurelyAnother:
    @given(st.dictionaries(st.sampled_from(["size", "color"]), st.none() | st.sampled_from(["x", "y"])))
    def test_nobody_differs_from_himself(self, words: dict[str, str | None]) -> None:
        assert not is_surely_another(words, words)

    def test_untold_excludes_nothing(self) -> None:
        told = {"color": "red", "shape": "cube"}
        assert not is_surely_another(told, {"color": None, "shape": "cube"})
        assert not is_surely_another({"color": None, "shape": None}, told)
        assert is_surely_another(told, {"color": None, "shape": "ball"})
