import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch

from visreason.trace.regions import NamedRegion, Owed, Said
from visreason.trace.regions_picture import MOST_ARROWS, arrows, draw_regions


def region(number, x=10.0, label="cup", before="cup", probability=0.9, y=20.0, **owed):
    said = (Said(name="backbone", label=before, probability=0.5, attention=1.0),)
    return NamedRegion(number=number, box=(x, y, 30.0, 25.0), top=((label, probability),), said=said, **owed)


def drawn(regions, size=(120, 200)):
    figure = Figure(figsize=(8, 5), dpi=100)
    FigureCanvasAgg(figure)
    axes = draw_regions(figure, (0, 0, 1, 1), np.full((*size, 3), 200, np.uint8), regions)
    figure.canvas.draw()
    return axes


def words(axes):
    return [text.get_text() for text in axes.texts]


def test_labels_stand_before_and_after():
    shown = words(drawn([region(1), region(2, x=100, label="bowl")]))
    assert "1 cup" in shown
    assert "2 cup\n→ bowl" in shown


def test_an_arrow_leads_from_the_neighbour_that_mattered():
    owed = Owed(shift=-1.25, without="bowl", number=2, where="right")
    axes = drawn([region(1, neighbour=owed), region(2, x=150)])
    (arrow,) = [patch for patch in axes.patches if isinstance(patch, FancyArrowPatch)]
    assert arrow._posA_posB == [(165, 32.5), (25, 32.5)]
    assert arrow.get_linestyle() != "-"  # it speaks against the label
    assert "−1.2" in words(axes)


def test_an_edge_between_classes_leads_from_the_surest_region_of_the_class_that_is_heard():
    owed = Owed(shift=2.0, without="bowl", edge=("cup", "stands on", "table"))
    tables = [region(2, label="table", probability=0.6), region(3, label="table", probability=0.8)]
    (arrow,) = arrows([region(1, edge=owed), *tables])
    assert (arrow.start, arrow.end) == (2, 0)
    assert arrows([region(1, edge=owed), region(2)]) == []
    own = Owed(shift=2.0, without="bowl", edge=("cup", "like", "cup"))
    assert arrows([region(1, edge=own)]) == []
    axes = drawn([region(1, edge=owed), region(2, x=150, label="table", y=90)])
    assert "stands on +2.0" in words(axes)


def test_arrows_of_labels_that_changed_come_first_and_are_few():
    regions = [region(1, neighbour=Owed(shift=9.0, without="bowl", number=2))]
    regions += [
        region(number, label="bowl", neighbour=Owed(shift=number / 10, without="cup", number=1))
        for number in range(2, 10)
    ]
    found = arrows(regions)
    assert len(found) == MOST_ARROWS
    assert [one.end for one in found] == [8, 7, 6, 5, 4, 3]


@pytest.mark.parametrize("count", [1, 12, 40])
def test_no_label_lies_on_another_or_beyond_the_image(count):
    rng = np.random.default_rng(count)
    places = zip(rng.integers(0, 170, count), rng.integers(0, 95, count), strict=True)
    regions = [
        region(number, x=float(x), y=float(y), label="cup" if number % 3 else "a bowl")
        for number, (x, y) in enumerate(places, 1)
    ]
    axes = drawn(regions, size=(120, 200))
    tags = [patch for patch in axes.patches if patch.get_zorder() == 5]
    assert len(tags) == count
    spots = [
        (one.get_x(), one.get_y(), one.get_x() + one.get_width(), one.get_y() + one.get_height())
        for one in tags
    ]
    assert all(a >= -0.01 and b >= -0.01 and c <= 200.01 and d <= 120.01 for a, b, c, d in spots)
    meeting = sum(
        a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
        for place, a in enumerate(spots)
        for b in spots[:place]
    )
    assert meeting == 0 or count == 40  # where there is no room left


def test_signs_of_formulas_in_names_are_letters():
    assert "1 $x^" in words(drawn([region(1, label="$x^", before="$x^")]))
