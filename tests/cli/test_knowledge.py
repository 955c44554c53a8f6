import json
from pathlib import Path

import pytest
from tests.data.regions.conftest import picture, write_json
from tests.data.wordnet_files import write_wordnet

from visreason.cli.main import main


@pytest.fixture
def names(tmp_path: Path) -> Path:
    write_wordnet(tmp_path / "wordnet")
    path = tmp_path / "names.txt"
    path.write_text("car\ncars\nwheel\nvehicle\nflurb\nfire truck\n")
    return path


def test_a_table_a_picture_and_a_file(
    names: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, drawn = tmp_path / "graph.json", tmp_path / "graph.png"
    flags = [
        "--wordnet",
        str(tmp_path / "wordnet"),
        "--of",
        "car",
        "--picture",
        str(drawn),
        "--output",
        str(out),
    ]
    assert main(["knowledge", str(names), *flags]) == 0
    printed = capsys.readouterr().out
    for text in (
        "6 classes",
        "is a",
        "WordNet",
        "car → vehicle",
        "1 not in WordNet: flurb",
        "from car",
        "1.000",
    ):
        assert text in printed
    assert drawn.read_bytes().startswith(b"\x89PNG")
    assert main(["knowledge", str(out), "--json"]) == 0
    again = json.loads(capsys.readouterr().out)
    relations = {one["name"]: one for one in again["relations"]}
    assert relations["part of"]["source"] == "told"
    assert ["wheel", "vehicle"] in [edge[:2] for edge in relations["part of"]["edges"]]
    assert again["vectors"]["size"] == 300
    assert "is a, inverted" not in relations


def test_data_with_its_own_knowledge(
    shared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "images").symlink_to(shared / "data" / "coco_sample" / "images")
    (folder / "instances.json").symlink_to(shared / "data" / "coco_sample" / "instances.json")
    assert main(["knowledge", str(folder), "--wordnet", str(write_wordnet(tmp_path / "nouns"))]) == 0
    shown = capsys.readouterr()
    assert "seen with" in shown.out
    assert "32 images, 210 regions of 43 classes" in shown.err
    classes = [one["name"] for one in json.loads((folder / "instances.json").read_text())["categories"]]
    write_json(folder / "knowledge.json", {"classes": classes, "edges": {"on": [["cup", "dining table"]]}})
    assert main(["knowledge", str(folder)]) == 0
    assert "on, inverted" in capsys.readouterr().out
    write_json(folder / "knowledge.json", {"classes": classes[1:], "edges": {}})
    assert main(["knowledge", str(folder)]) == 1
    assert "does not list the class 'person'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--of", "wheels"], "--of 'wheels' is none of the classes. Did you mean 'wheel'"),
        (["--of", "xyz"], "There are 6 classes"),
        (["--most", "1"], "got --most 1"),
        (["--minimum", "3"], "does not say how often each class occurs"),
        (["--wordnet", "nowhere"], "data.noun cannot be read"),
        (["--vectors", "nowhere.vec"], "nowhere.vec cannot be read"),
    ],
)
def test_wrong_requests(
    names: Path, flags: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["knowledge", str(names), *flags]) == 1
    assert message in capsys.readouterr().err


def test_visual_genomes_relationships(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    picture(tmp_path / "images" / "1.jpg")
    write_json(tmp_path / "image_data.json", [{"image_id": 1, "width": 20, "height": 10}])
    box = {"x": 1, "y": 2, "w": 5, "h": 4}
    objects = [{"object_id": 1, "synsets": ["man.n.01", "hat.n.01"], **box}]
    write_json(tmp_path / "train.json", [{"image_id": 1, "objects": objects}])
    wears = {
        "synsets": ["wear.v.01"],
        "subject": {"synsets": ["man.n.01"]},
        "object": {"synsets": ["hat.n.01"]},
    }
    write_json(tmp_path / "relationships.json", [{"image_id": 1, "relationships": [wears, wears]}])
    assert (
        main(["knowledge", str(tmp_path), "--wordnet", str(write_wordnet(tmp_path / "nouns")), "--json"]) == 0
    )
    relations = {one["name"]: one for one in json.loads(capsys.readouterr().out)["relations"]}
    assert relations["wear.v.01"] == {
        "name": "wear.v.01",
        "source": "statements",
        "edges": [["man.n.01", "hat.n.01", 1.0]],
    }


def test_names_in_brackets_are_shown_as_they_are(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edges = {"[on]": [["[/cup]", "table [red]"]]}
    told = write_json(tmp_path / "told.json", {"classes": ["[/cup]", "table [red]"], "edges": edges})
    assert main(["knowledge", str(told), "--of", "[/cup]"]) == 0
    shown = capsys.readouterr().out
    for text in ("[on], inverted", "[/cup] → table [red]", "from [/cup]"):
        assert text in shown


def test_wrong_sources(names: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["knowledge", str(tmp_path / "none")]) == 1
    assert "none does not exist" in capsys.readouterr().err
    assert main(["knowledge", str(write_json(tmp_path / "five.json", 5))]) == 1
    assert "five.json" in capsys.readouterr().err
    told = write_json(tmp_path / "told.json", {"classes": ["a", "b"], "edges": {"on": [["a", "c"]]}})
    assert main(["knowledge", str(told)]) == 1
    assert "'c' is not among the 2 classes" in capsys.readouterr().err
    assert main(["knowledge", str(told), "--wordnet", str(tmp_path / "wordnet")]) == 1
    assert "leave out --wordnet" in capsys.readouterr().err
