import base64
import io
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from visreason.clevr.controls import STEPS
from visreason.clevr.folder import ClevrFolder
from visreason.clevr.question import Question
from visreason.clevr.sampling import sample_scene, scene_rng
from visreason.metrics.attribution import Attribution
from visreason.tasks.reports import Subject
from visreason.tasks.verdicts import Answered, Case
from visreason.tasks.why_page import SHOWN, shown_cases, thumbnails, why_html

SCENE = sample_scene(scene_rng(0, "val", 0), 0, "val")
HOSTILE = "<script>alert('x')</script> & \"more\""
SUBJECT = Subject(HOSTILE, "world/<b>", "val")


def case(step: str = "count", index: int = 0) -> Case:
    question = Question(HOSTILE, "2", None, None, index, 0, SCENE.image_filename, "val", stated_type="count")
    asked = (
        Answered(HOSTILE, "yes", "no", "relate"),
        Answered("Is it?", "yes", "yes", "count", counts=False),
    )
    return Case(question, "<3>", SCENE, step, "filter_color[red]", HOSTILE, asked, ("scene",), "exact")


@pytest.fixture
def page() -> str:
    cases = [case(step) for step in STEPS]
    found = Attribution.of("questions", 9, STEPS, ["count"] * 6, [0] * 6, [])
    pictures = {SCENE.image_filename: np.full((20, 30, 3), 200, np.uint8)}
    return why_html(SUBJECT, found, cases, pictures)


def test_text_from_the_data_is_never_markup(page: str) -> None:
    assert "<script" not in page
    assert "alert(" in page
    assert "<3>" not in page
    assert "<b>" not in page.replace("<b>count</b>", "").split("</h1>")[0]


def test_the_page_needs_nothing_else(page: str) -> None:
    assert not re.search(r"(src|href)=\"(?!data:|#)", page)
    assert "http" not in page
    data = re.search(r"data:image/jpeg;base64,([^\"]+)", page)
    assert data is not None
    assert Image.open(io.BytesIO(base64.b64decode(data[1]))).size == (30, 20)


def test_every_step_has_its_section_its_share_and_its_evidence(page: str) -> None:
    for step in STEPS:
        assert f'id="{step}"' in page
        assert f'href="#{step}"' in page
    assert page.count('<li class="case">') == len(STEPS)
    assert page.count("does not count") == len(STEPS)
    assert "16.7 %" in page
    assert "Program: exact" in page


def test_steps_without_cases_are_in_the_table_alone() -> None:
    found = Attribution.of("questions", 9, ["count"], ["count"], [0], [])
    pictures = {SCENE.image_filename: np.zeros((4, 6, 3), np.uint8)}
    page = why_html(SUBJECT, found, [case()], pictures)
    assert 'id="relate"' not in page
    assert 'href="#relate"' not in page
    assert "relate</th>" in page
    none = Attribution.of("questions", 9, [], [], [], [])
    assert "Every answer is right." in why_html(SUBJECT, none, [], {})


def test_a_few_cases_of_each_step_are_shown() -> None:
    many = [case("count", index) for index in range(40)] + [case("parse", 99)]
    shown = shown_cases(many)
    assert [one.step for one in shown] == ["parse"] + ["count"] * SHOWN
    assert [one.question.index for one in shown[1:]] == list(range(SHOWN))


def test_other_images_come_before_more_of_one() -> None:
    same = [case("count", index) for index in range(SHOWN)]
    question = replace(same[0].question, image_filename="other.png", index=99)
    other = replace(same[0], question=question, written=("count", "<i>"), program="other answer")
    shown = shown_cases([*same, other])
    assert [one.question.index for one in shown] == [0, 99, *range(1, SHOWN - 1)]
    found = Attribution.of("programs", 99, ["count"], ["count"], [0], [])
    picture = np.zeros((4, 6, 3), np.uint8)
    page = why_html(SUBJECT, found, shown[1:2], {"other.png": picture})
    assert "the program it wrote" in page
    assert "count &lt;i&gt;" in page


def test_pictures_are_those_of_the_folder_or_are_rendered(tiny_data: Path, tmp_path: Path) -> None:
    other = replace(SCENE, image_filename="none.png")
    found = thumbnails([SCENE], ClevrFolder(tiny_data), "val")
    drawn = thumbnails([other], ClevrFolder(tmp_path), "val")
    assert found[SCENE.image_filename].shape == drawn["none.png"].shape == (200, 300, 3)
    assert found[SCENE.image_filename].std() > 0
    assert thumbnails([], ClevrFolder(tmp_path), "val") == {}
