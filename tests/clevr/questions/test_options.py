from collections import Counter
from itertools import product
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visreason.clevr.attributes import ATTRIBUTES
from visreason.clevr.masks import SceneMasks
from visreason.clevr.questions import own_templates
from visreason.clevr.questions.options import Options, SceneOptions
from visreason.clevr.questions.plan import Choice, Step

VALUES = own_templates().values
DOMAINS = tuple(ATTRIBUTES)


def step(name: str, ending: str = "", *, nulls: tuple[int, ...] = ()) -> Step:
    domains = ("relation", *DOMAINS) if name.startswith("relate_filter") else DOMAINS
    if name in ("relate", "filter_color"):
        domains = ("relation" if name == "relate" else "color",)
    return Step(name, (0,), None, domains, ending, nulls, False, (), (), False, False, (), lambda state: None)


def pairs(options: Options) -> list[tuple[object, Choice]]:
    return [(output, choice) for output, members in options.shuffled(Random(0)) for choice in members]


def fits(masks: SceneMasks, choice: Choice) -> int:
    mask = masks.all
    for name, word in zip(DOMAINS, choice, strict=True):
        mask &= masks.all if word is None else masks.value[name][word]
    return mask


class TestShuffled:
    def test_each_group_once(self) -> None:
        groups = {i: [(str(i),)] * (i + 1) for i in range(8)}
        for seed in range(20):
            assert dict(Options(groups).shuffled(Random(seed))) == groups

    def test_nothing(self) -> None:
        assert list(Options({}).shuffled(Random(0))) == []

    def test_order_is_that_of_shuffled_choices(self) -> None:
        options = Options({"a": [()] * 6, "b": [()] * 3, "c": [()]})
        orders = Counter(
            "".join(str(output) for output, _ in options.shuffled(Random(seed))) for seed in range(4000)
        )
        expected = {
            "abc": 0.6 * 3 / 4,
            "acb": 0.6 / 4,
            "bac": 0.3 * 6 / 7,
            "bca": 0.3 / 7,
            "cab": 0.1 * 6 / 9,
        }
        for order, chance in expected.items():
            assert orders[order] / 4000 == pytest.approx(chance, abs=0.035)


class TestFilters:
    @settings(max_examples=30, deadline=None)
    @given(
        seed=st.integers(0, 2**32),
        count=st.integers(1, 10),
        ending=st.sampled_from(["", "unique", "count", "exist"]),
    )
    def test_outputs_are_true(self, random_scene, seed: int, count: int, ending: str) -> None:
        masks = SceneMasks(random_scene(seed, count))
        source = Random(seed).getrandbits(count)
        options = SceneOptions(masks, VALUES, Random(seed)).of(step("filter", ending), source)
        for output, choice in pairs(options):
            found = fits(masks, choice) & source
            if ending == "unique":
                assert found == 1 << output
            else:
                assert output == {"": found, "count": found.bit_count(), "exist": found > 0}[ending]
            assert ending != "" or any(choice)

    def test_unique_finds_all_and_only_telling_descriptions(self, random_scene) -> None:
        masks = SceneMasks(random_scene(3, 6))
        options = SceneOptions(masks, VALUES, Random(0)).of(step("filter_unique", "unique"), masks.all)
        every = product(*((None, *words) for words in ATTRIBUTES.values()))
        telling = {choice for choice in every if fits(masks, choice).bit_count() == 1}
        assert {choice for _, choice in pairs(options)} == telling

    def test_half_of_exist_is_made_up(self, random_scene) -> None:
        masks = SceneMasks(random_scene(3, 6))
        found = pairs(SceneOptions(masks, VALUES, Random(0)).of(step("filter_exist", "exist"), masks.all))
        assert 0.3 < sum(1 for output, _ in found if not output) / len(found) <= 0.5

    def test_nulls(self, random_scene) -> None:
        options = SceneOptions(SceneMasks(random_scene(3, 6)), VALUES, Random(0))
        for nulls in ((1,), (0, 3)):
            for _, choice in pairs(options.of(step("filter_count", "count", nulls=nulls), 0b111111)):
                assert all(choice[place] is None for place in nulls)

    def test_same_answer_when_asked_again(self, random_scene) -> None:
        options = SceneOptions(SceneMasks(random_scene(3, 6)), VALUES, Random(0))
        asked = step("filter_count", "count")
        assert options.of(asked, 0b1011) is options.of(asked, 0b1011)
        assert options.of(asked, 0b1011) is not options.of(asked, 0b1111)


class TestRelations:
    @settings(max_examples=30, deadline=None)
    @given(
        seed=st.integers(0, 2**32),
        count=st.integers(2, 10),
        ending=st.sampled_from(["", "unique", "count", "exist"]),
    )
    def test_outputs_are_true(self, random_scene, seed: int, count: int, ending: str) -> None:
        masks = SceneMasks(random_scene(seed, count))
        options = SceneOptions(masks, VALUES, Random(seed)).of(step(f"relate_filter_{ending}", ending), 1)
        for output, (relation, *words) in pairs(options):
            found = fits(masks, tuple(words)) & masks.relation[str(relation)][1]
            expected = {
                "": found,
                "count": found.bit_count(),
                "exist": found > 0,
                "unique": found.bit_length() - 1,
            }
            assert output == expected[ending]
            assert ending != "unique" or found.bit_count() == 1
            assert ending != "" or found

    def test_few_need_no_relation(self, random_scene) -> None:
        masks = SceneMasks(random_scene(4, 8))
        idle = total = 0
        for anchor in range(8):
            options = SceneOptions(masks, VALUES, Random(0)).of(
                step("relate_filter_unique", "unique"), anchor
            )
            for output, (_, *words) in pairs(options):
                idle += fits(masks, tuple(words)) == 1 << int(output)
                total += 1
        assert 0.05 < idle / total < 0.12


def test_single_words(random_scene) -> None:
    masks = SceneMasks(random_scene(5, 5))
    options = SceneOptions(masks, VALUES, Random(0))
    relations = {choice[0]: output for output, choice in pairs(options.of(step("relate"), 2))}
    assert relations == {name: rows[2] for name, rows in masks.relation.items()}
    colors = {choice[0]: output for output, choice in pairs(options.of(step("filter_color"), 0b10110))}
    assert colors == {name: mask & 0b10110 for name, mask in masks.value["color"].items()}
