import io

import numpy as np
import pytest
from PIL import Image

from visreason.errors import UsageError
from visreason.trace.drawing import check_format, draw_trace, trace_png
from visreason.trace.schema import Trace


@pytest.mark.parametrize("shape", [(320, 480), (480, 320), (50, 500)])
def test_the_picture_shows_the_image_in_its_shape(grid, shape):
    image = np.zeros((*shape, 3), np.uint8)
    image[:] = (10, 200, 30)
    picture = np.asarray(Image.open(io.BytesIO(trace_png(grid, image))).convert("RGB")).astype(int)
    green = (abs(picture - (10, 200, 30)).sum(2) < 12).nonzero()
    height, width = np.ptp(green[0]) + 1, np.ptp(green[1]) + 1
    assert height / width == pytest.approx(shape[0] / shape[1], rel=0.05)


def test_every_kind_of_trace_can_be_drawn_with_and_without_an_image(grid, objects):
    for trace in (grid, objects, Trace(family="question-only", steps=())):
        for image in (None, np.full((32, 48, 3), 128, np.uint8)):
            assert Image.open(io.BytesIO(trace_png(trace, image))).size[0] == 1740


@pytest.mark.parametrize("ending", ["png", "html"])
def test_files_are_written_whole(grid, tmp_path, ending):
    draw_trace(grid, tmp_path / f"why.{ending}")
    assert [one.name for one in tmp_path.iterdir()] == [f"why.{ending}"]
    assert (tmp_path / f"why.{ending}").read_bytes()[:4] in (b"\x89PNG", b"<!do")


@pytest.mark.parametrize("name", ["why.jpg", "why", "why.PDF"])
def test_other_endings_are_refused_before_anything_is_written(grid, tmp_path, name):
    with pytest.raises(UsageError, match=r"written as \.png or \.html"):
        check_format(name)
    with pytest.raises(UsageError):
        draw_trace(grid, tmp_path / name)
    assert not list(tmp_path.iterdir())
