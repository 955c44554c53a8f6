from pathlib import Path

import pytest
from tests.data.wordnet_files import write_wordnet

from visreason.data.wordnet import WordNet
from visreason.data.wordnet_relations import find_places, name_relations, wordnet_relations

CLASSES = (
    "-",
    "vehicle",
    "car, automobile",
    "lorry",
    "fire truck",
    "wheel",
    "windshield",
    "leaves",
    "leaf",
    "flurb",
)


@pytest.fixture(scope="module")
def nouns(tmp_path_factory: pytest.TempPathFactory) -> WordNet:
    return WordNet(write_wordnet(tmp_path_factory.mktemp("wordnet")))


def test_where_classes_stand(nouns: WordNet) -> None:
    places = find_places(CLASSES, nouns)
    assert set(CLASSES[1:]) - set(places) == {"flurb"}
    assert [name for name, place in places.items() if not place.exact] == ["fire truck"]
    assert places["fire truck"].synset == places["lorry"].synset
    assert (
        find_places(("-", "cable car, car"), nouns)["cable car, car"].synset == nouns.senses("cable car")[0]
    )


def test_kinds_are_the_nearest_classes_above(nouns: WordNet) -> None:
    told = wordnet_relations(find_places(CLASSES, nouns), nouns)
    assert set(told["is a"]) == {
        ("car, automobile", "vehicle"),
        ("lorry", "vehicle"),
        ("fire truck", "lorry"),
    }
    assert set(told["has kind"]) == {(end, start) for start, end in told["is a"]}


def test_parts_are_inherited(nouns: WordNet) -> None:
    told = wordnet_relations(find_places(CLASSES, nouns), nouns)
    wholes = {"windshield": {"car, automobile", "lorry", "fire truck"}}
    wholes["wheel"] = wholes["windshield"] | {"vehicle"}
    assert set(told["part of"]) == {(part, whole) for part, those in wholes.items() for whole in those}


def test_likeness_of_wu_and_palmer(nouns: WordNet) -> None:
    told = wordnet_relations(find_places(CLASSES, nouns), nouns)["similar to"]
    assert told["leaf", "leaves"] == told["leaves", "leaf"] == 1.0
    # both of depth 5 under motor vehicle, whose depth is 4: 0.8 is not enough
    assert ("car, automobile", "lorry") not in told
    assert ("fire truck", "lorry") not in told  # one is a kind of the other
    assert len(told) == 2


def test_names_tell_plurals_and_sides() -> None:
    classes = (
        "-",
        "box",
        "boxes",
        "wine glass",
        "wine glasses",
        "left hand",
        "right hand",
        "left foot",
        "leaf",
        "leaves",
    )
    told = name_relations(classes, {"leaves": ("leaf",)})
    assert set(told["plural of"]) == {("boxes", "box"), ("wine glasses", "wine glass"), ("leaves", "leaf")}
    assert set(told["singular of"]) == {(end, start) for start, end in told["plural of"]}
    assert set(told["left to right"]) == {("left hand", "right hand")}
    assert set(told["right to left"]) == {("right hand", "left hand")}


def test_the_published_pairs(shared: Path) -> None:
    from visreason.data.regions.class_list import read_class_list

    told = name_relations(read_class_list(shared / "data/ade20k/ade_split/objectnames.txt"))
    assert {start.partition(" ")[2] for start, _ in told["left to right"]} == {
        "arm",
        "foot",
        "hand",
        "leg",
        "shoulder",
    }
    assert ("chairs", "chair") in told["plural of"]
