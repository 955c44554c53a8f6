import io

import numpy as np
import pytest
from PIL import Image

from visreason.errors import UsageError
from visreason.trace.regions import NamedRegion, Owed, RegionsTrace, Said
from visreason.trace.regions_drawing import check_png, draw_region_trace, listed, reason_of, region_png
from visreason.trace.style import FOR


def make(count, predictions=3, memory=2, changed=()):
    names = ("backbone", "local 1", "local 2")[:predictions]
    regions = tuple(
        NamedRegion(
            number=number,
            box=(5.0 * number, 4.0, 20.0, 30.0),
            top=(("left spoon" if number in changed else "cup", 0.75),),
            said=tuple(
                Said(name=name, label="cup", probability=0.5, attention=1 / predictions) for name in names
            ),
            neighbour=Owed(shift=1.5, without="bowl", number=1 + number % count, where="left"),
        )
        for number in range(1, count + 1)
    )
    maps = tuple(tuple((float(place),) * 5 for _ in range(4)) for place in range(memory))
    return RegionsTrace(family="region-local", regions=regions, memory=maps, cell=16.0)


def picture(trace, shape=(64, 80)):
    image = np.zeros((*shape, 3), np.uint8)
    image[:] = (10, 200, 30)
    return np.asarray(Image.open(io.BytesIO(region_png(trace, image))).convert("RGB")).astype(int)


def near(shown, colour):
    return (abs(shown - colour).sum(2) < 12).nonzero()


@pytest.mark.parametrize("shape", [(64, 80), (100, 60), (20, 200)])
def test_the_image_is_shown_in_its_shape(shape):
    rows, columns = near(picture(make(2, memory=0), shape), (10, 200, 30))
    assert (np.ptp(rows) + 1) / (np.ptp(columns) + 1) == pytest.approx(shape[0] / shape[1], rel=0.08)


def test_what_there_is_not_takes_no_room():
    by_itself, local = picture(make(3, predictions=1, memory=0)), picture(make(3))
    assert local.shape[0] > by_itself.shape[0] + 200
    assert local.shape[1] == by_itself.shape[1] == 1740


def test_labels_that_changed_are_in_colour():
    colour = tuple(int(FOR[place : place + 2], 16) for place in (1, 3, 5))
    none, one = (near(picture(make(3, 1, 0, changed)), colour)[0].size for changed in ((), (2,)))
    assert one > none + 500


def test_any_number_of_regions_can_be_drawn():
    for count in (1, 25, 90):
        assert picture(make(count, changed=(1,))).shape[1] == 1740


def test_the_list_keeps_what_changed():
    regions = make(30, changed=(20, 29)).regions
    assert [one.number for one in listed(regions, 30)] == list(range(1, 31))
    assert [one.number for one in listed(regions, 5)] == [1, 2, 20, 29]


def test_reasons_in_words():
    first, second = make(2).regions
    assert reason_of(first, (first, second)) == "2 cup, left: +1.5, else bowl"
    assert reason_of(NamedRegion(number=1, box=(0, 0, 1, 1), top=(("cup", 1.0),), said=()), ()) == ""


def test_files_are_written_whole_and_as_png_alone(tmp_path):
    draw_region_trace(make(2), tmp_path / "why.png", np.zeros((30, 40, 3), np.uint8))
    assert [one.name for one in tmp_path.iterdir()] == ["why.png"]
    for name in ("why.html", "why"):
        with pytest.raises(UsageError, match=r"drawn as \.png"):
            check_png(name)
