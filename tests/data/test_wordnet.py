from pathlib import Path

import pytest
from tests.data.wordnet_files import write_wordnet

from visreason.data.wordnet import DEBIAN, WordNet, open_wordnet, singulars
from visreason.errors import DataError


@pytest.fixture(scope="module")
def nouns(tmp_path_factory: pytest.TempPathFactory) -> WordNet:
    return WordNet(write_wordnet(tmp_path_factory.mktemp("wordnet")))


def lemmas(nouns: WordNet, word: str) -> list[tuple[str, ...]]:
    return [nouns.synset(number).lemmas for number in nouns.senses(word)]


def test_senses_of_words_plurals_and_names_of_synsets(nouns: WordNet) -> None:
    assert lemmas(nouns, "car") == [("car", "auto", "automobile"), ("cable_car", "car")]
    assert lemmas(nouns, "Cable Cars") == [("cable_car", "car")]
    assert lemmas(nouns, "leaves") == [("leaf",)]
    assert lemmas(nouns, "car.n.02") == [("cable_car", "car")]
    assert lemmas(nouns, "car.n.03") == lemmas(nouns, "abacus") == []


def test_what_stands_over_and_under(nouns: WordNet) -> None:
    car = nouns.senses("car")[0]
    over = {nouns.synset(number).lemmas[0] for number in nouns.ancestors(car)}
    assert over == {"car", "motor_vehicle", "vehicle", "physical_object", "entity"}
    assert nouns.depth(car) == 4
    (vehicle,) = nouns.senses("vehicle")
    assert nouns.synset(vehicle).parts == nouns.senses("wheel")


@pytest.mark.parametrize(
    ("word", "meaning"),
    [("printer", "printer"), ("man", "man"), ("crane", "crane"), ("light", "light"), ("truth", "truth")],
)
def test_things_come_before_ideas_and_machines_before_rare_kinds_of_people(
    nouns: WordNet, word: str, meaning: str
) -> None:
    senses = nouns.senses(word)
    wanted = {"printer": 1, "man": 0, "crane": 1, "light": 1, "truth": 0}[word]
    assert nouns.likeliest(senses) == senses[wanted]
    assert nouns.synset(senses[wanted]).lemmas == (meaning,)


def test_singulars() -> None:
    assert {"bus"} <= set(singulars("buses"))
    assert {"box"} <= set(singulars("boxes"))
    assert {"cherry"} <= set(singulars("cherries"))
    assert list(singulars("glass")) == list(singulars("table")) == []


REAL = [DEBIAN] if (DEBIAN / "data.noun").is_file() else []


@pytest.mark.parametrize("folder", [None, *REAL])
def test_small_and_real_files_tell_the_same(nouns: WordNet, folder: Path | None) -> None:
    known = nouns if folder is None else WordNet(folder)
    cars = known.senses("Cars")
    assert cars == known.senses("car.n.01") + cars[1:]
    over = {lemma for one in known.ancestors(known.likeliest(cars)) for lemma in known.synset(one).lemmas}
    assert {"car", "motor_vehicle", "vehicle", "physical_object", "entity"} <= over
    assert not known.synset(known.likeliest(known.senses("printers"))).is_role
    assert known.synset(known.likeliest(known.senses("man"))).is_role
    assert not known.synset(known.likeliest(known.senses("crane"))).is_name


def test_wrong_files(tmp_path: Path) -> None:
    with pytest.raises(
        DataError, match=r"data\.noun cannot be read: No such file.*apt-get install wordnet-base"
    ):
        WordNet(tmp_path)
    folder = write_wordnet(tmp_path / "dict")
    assert open_wordnet(tmp_path) is not None
    lines = (folder / "data.noun").read_text()
    (folder / "data.noun").write_text("one line more\n" + lines)
    broken = WordNet(folder)
    with pytest.raises(DataError, match="has no synset at byte"):
        broken.synset(broken.senses("car")[0])
    (folder / "index.noun").write_text("car n many\n")
    with pytest.raises(DataError, match=r"index\.noun, line 1: no line of WordNet's index: 'car n many'"):
        WordNet(folder)
