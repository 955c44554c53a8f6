"""The film of a trace's steps: which are shown, what they are called, where they are bright."""

import numpy as np
import pytest

from visreason.trace import Step, Trace
from visreason.trace.drawing import trace_png
from visreason.trace.film import COLUMNS, film_height, frames, spotlight
from visreason.trace.page import trace_html

MAP = ((0.0, 1.0), (0.0, 0.0))


def trace(*steps, words=()) -> Trace:
    return Trace(family="test", steps=steps, words=words)


def test_steps_that_look_nowhere_are_left_out_and_numbers_stay():
    shown = frames(trace(Step(name="think"), Step(name="look", grid=MAP)))
    assert [frame.title for frame in shown] == ["2 look"]


def test_a_programs_step_says_what_it_reads_and_what_the_oracle_finds():
    shown = frames(
        trace(
            Step(name="scene", grid=MAP),
            Step(name="scene", grid=MAP),
            Step(name="union", grid=MAP, reads=(0, 1), value="0.9", truth="4 things"),
        )
    )
    assert shown[2].title == "3 union ← 1, 2"
    assert shown[2].note == "0.9 · oracle: 4 things"
    assert shown[0].note == ""


def test_a_mixture_of_modules_is_told_and_a_single_one_is_not():
    mixed = Step(name="count", grid=MAP, addressing=(("count", 0.62), ("exist", 0.3), ("unique", 0.08)))
    single = Step(name="count", grid=MAP, addressing=(("count", 0.99), ("exist", 0.01)))
    assert [frame.note for frame in frames(trace(mixed, single))] == ["count 62%, exist 30%", ""]


@pytest.mark.parametrize(
    ("name", "attention", "title"),
    [
        ("word 2", (0, 1, 0, 0, 0), "1 “many”"),
        ("find", (0.1, 0.4, 0.05, 0.45, 0), "1 find “many red”"),
        ("find", (0.2, 0.2, 0.2, 0.2, 0.2), "1 find “how many big”"),
        ("find", (0, 0, 0, 0, 0), "1 find"),
        ("find", (0.5, 0.5), "1 find"),  # of another question: words and weights do not match
    ],
)
def test_a_step_that_attends_to_words_is_named_after_the_strongest(name, attention, title):
    step = Step(name=name, grid=MAP, text_attention=attention)
    (frame,) = frames(trace(step, words=("how", "many", "big", "red", "cubes")))
    assert frame.title == title


def test_the_spotlight_keeps_what_is_looked_at_and_greys_the_rest():
    image = np.zeros((20, 40, 3), np.uint8)
    image[..., 0] = 210
    lit = spotlight(MAP, image)
    assert lit.shape == image.shape
    assert lit[0, -1].tolist() == [210, 0, 0]
    assert lit[-1, 0].tolist() == pytest.approx([21, 21, 21], abs=4)  # 0.3 of the mean of 210, 0 and 0


def test_a_map_of_zeros_is_dark_everywhere():
    assert spotlight(((0.0, 0.0),), np.full((4, 4, 3), 100, np.uint8)).max() == 30


def test_the_picture_grows_by_a_row_of_steps_at_a_time():
    assert film_height(0, 10, 0.7) == 0
    one, full, more = (film_height(count, 10, 0.7) for count in (1, COLUMNS, COLUMNS + 1))
    assert one == full < more


def test_picture_and_page_show_every_step():
    image = np.full((30, 45, 3), 128, np.uint8)
    steps = [Step(name=f"step-{index}<", grid=MAP) for index in range(COLUMNS + 1)]
    page = trace_html(trace(*steps), image)
    assert all(f"{index + 1} step-{index}&lt;" in page for index in range(len(steps)))
    assert page.count("<li>") == len(steps)
    assert len(trace_png(trace(*steps), image)) > len(trace_png(trace(), image))


def test_without_an_image_steps_are_shown_on_white():
    assert "<li>" in trace_html(trace(Step(name="look", grid=MAP)))
