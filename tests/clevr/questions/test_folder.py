import json
import shutil
from pathlib import Path

import pytest

from visreason.clevr.questions import QuestionEngine, own_templates, read_templates
from visreason.clevr.questions import folder as folder_module
from visreason.clevr.rules import Rules
from visreason.clevr.scene import Scene
from visreason.errors import DataError

OWN = Path(folder_module.__file__).parent / "templates"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of our templates, to be spoilt."""
    return Path(shutil.copytree(OWN, tmp_path / "templates"))


def edit(path: Path, change) -> None:
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))


def test_own_folder() -> None:
    assert read_templates(OWN) == own_templates()
    assert own_templates().values["shape"] == ("cube", "sphere", "cylinder")
    assert "tiny" in own_templates().synonyms["small"]


def test_official_folder(shared: Path) -> None:
    templates = read_templates(shared / "data" / "clevr_templates").templates
    assert [template.family for template in templates] == list(range(90))
    assert templates[39].name == "same_relate/3"
    assert sum(len(template.texts) for template in templates) == 425


@pytest.mark.parametrize("name", ["metadata.json", "synonyms.json", "one_hop.json", "comparison.json"])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(DataError, match=name):
        read_templates(folder)


def test_no_folder(tmp_path: Path) -> None:
    with pytest.raises(
        DataError, match=r"nowhere is no folder\. Give one with template files, metadata.json"
    ):
        read_templates(tmp_path / "nowhere")


def test_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"metadata\.json does not exist"):
        read_templates(tmp_path)


def test_only_words(folder: Path) -> None:
    for path in folder.glob("*_*.json"):
        path.unlink()
    (folder / "comparison.json").unlink()
    with pytest.raises(DataError, match=r"lacks compare_integer\.json, comparison\.json"):
        read_templates(folder)


def test_truncated_file(folder: Path) -> None:
    path = folder / "two_hop.json"
    path.write_text(path.read_text()[:100])
    with pytest.raises(DataError, match=r"two_hop\.json is not valid JSON"):
        read_templates(folder)


def test_malformed_family_is_named(folder: Path) -> None:
    edit(folder / "two_hop.json", lambda families: families[3].pop("params"))
    with pytest.raises(DataError, match=r"two_hop\.json, family 3: a family has a list 'params'"):
        read_templates(folder)


def test_no_list(folder: Path) -> None:
    (folder / "two_hop.json").write_text('{"text": []}')
    with pytest.raises(DataError, match=r"two_hop\.json should be a list of families"):
        read_templates(folder)


def test_wrong_number_of_families(folder: Path) -> None:
    edit(folder / "two_hop.json", lambda families: families.pop())
    with pytest.raises(DataError, match=r"two_hop\.json has 5 families where CLEVR has 6"):
        read_templates(folder)


def test_further_families_follow(folder: Path, some_scenes: list[Scene]) -> None:
    one = json.loads((folder / "zero_hop.json").read_text())[:1]
    (folder / "a_new_one.json").write_text(json.dumps(one))
    templates = read_templates(folder)
    assert [(template.family, template.name) for template in templates.templates[89:]] == [
        (89, "zero_hop/5"),
        (90, "a_new_one/0"),
    ]
    made = QuestionEngine(templates, rules=Rules.parse(["families=90"])).generate(
        some_scenes[:5], questions_per_scene=1
    )
    assert [question.template for question in made] == ["a_new_one/0"] * 5


def test_families_of_ones_own(folder: Path) -> None:
    (folder / "zero_hop.json").rename(folder / "mine.json")
    for name in ("compare_integer", "comparison", "three_hop", "single_and", "same_relate"):
        (folder / f"{name}.json").unlink()
    for name in ("single_or", "one_hop", "two_hop"):
        (folder / f"{name}.json").unlink()
    assert [template.name for template in read_templates(folder).templates] == [f"mine/{i}" for i in range(6)]


class TestWords:
    def test_metadata_without_types(self, folder: Path) -> None:
        (folder / "metadata.json").write_text("[]")
        with pytest.raises(DataError, match=r"metadata\.json should be a JSON object with the key 'types'"):
            read_templates(folder)

    @pytest.mark.parametrize(
        ("words", "message"),
        [
            (None, "should list the words of Shape"),
            ([], "should list the words of Shape"),
            (
                ["cube", "star"],
                "Shape has 'star', which no CLEVR scene knows; its words are cube, sphere, cylinder",
            ),
        ],
    )
    def test_words_of_a_type(self, folder: Path, words: list[str] | None, message: str) -> None:
        edit(folder / "metadata.json", lambda content: content["types"].update(Shape=words))
        with pytest.raises(DataError, match=message):
            read_templates(folder)

    @pytest.mark.parametrize("content", ["[]", '{"cube": "block"}', '{"cube": []}', '{"cube": [""]}'])
    def test_synonyms(self, folder: Path, content: str) -> None:
        (folder / "synonyms.json").write_text(content)
        with pytest.raises(DataError, match=r"synonyms\.json"):
            read_templates(folder)
