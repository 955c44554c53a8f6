"""The template files that come with the package: complete, in CLEVR's words, and in our own."""

import re
from collections import Counter
from pathlib import Path

import pytest

from visreason.clevr.families import FAMILY_COUNTS, global_family
from visreason.clevr.questions import Template, own_templates, read_templates
from visreason.clevr.questions.instantiate import expand
from visreason.clevr.questions.template import Null

FAMILIES = pytest.mark.parametrize("template", own_templates().templates, ids=lambda template: template.name)


def structure(template: Template) -> tuple[object, ...]:
    """The template's program with every slot filled, as a tree of function names."""
    trees: list[tuple[object, ...]] = []
    for node in expand(template.nodes, tuple(("*",) * len(node.slots) for node in template.nodes)):
        trees.append((node.function, *(trees[source] for source in node.inputs)))
    return trees[-1]


def test_ninety_families_numbered_as_released() -> None:
    templates = own_templates().templates
    assert [template.family for template in templates] == list(range(90))
    assert Counter(template.file for template in templates) == FAMILY_COUNTS
    assert all(template.family == global_family(template.file, template.index) for template in templates)


def test_as_varied_as_clevr() -> None:
    texts = [text for template in own_templates().templates for text in template.texts]
    assert len(texts) >= 425
    assert len(set(texts)) == len(texts)


@FAMILIES
def test_every_family_is_said_in_several_ways(template: Template) -> None:
    assert len(template.texts) >= 3
    for text in template.texts:
        assert all(text.count(slot) == 1 for slot in template.domains), text


@FAMILIES
def test_stays_within_the_vocabulary(template: Template, clevr_words: set[str]) -> None:
    for text in template.texts:
        assert set(re.findall(r"[a-z]+|[^a-z<>\[\] ]", re.sub(r"<[^>]*>s?", "", text).lower())) <= clevr_words


def test_synonyms_stay_within_the_vocabulary(clevr_words: set[str]) -> None:
    for ways in own_templates().synonyms.values():
        assert {word for way in ways for word in way.split()} <= clevr_words


@FAMILIES
def test_a_query_does_not_give_its_answer_away(template: Template) -> None:
    asked = template.nodes[-1].name.removeprefix("query_")
    empty = {constraint.slot for constraint in template.constraints if isinstance(constraint, Null)}
    if template.nodes[-1].name.startswith("query_"):
        described = template.nodes[template.nodes[-1].inputs[0]].slots
        assert [slot for slot in described if template.domains[slot] == asked and slot in empty]


@pytest.fixture(scope="module")
def official(shared: Path) -> tuple[Template, ...]:
    return read_templates(shared / "data" / "clevr_templates").templates


@FAMILIES
def test_same_program_as_the_official_family(template: Template, official: tuple[Template, ...]) -> None:
    assert structure(template) == structure(official[template.family])


def test_other_words_than_the_official_ones(official: tuple[Template, ...]) -> None:
    def plain(text: str) -> str:
        return re.sub(r"\d|[\[\]]", "", text)

    theirs = {plain(text) for template in official for text in template.texts}
    ours = {plain(text) for template in own_templates().templates for text in template.texts}
    assert len(ours & theirs) <= 0.02 * len(ours), sorted(ours & theirs)
