from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visreason.errors import UsageError
from visreason.metrics.regions import score_regions, voc_ap


def ap_by_definition(found: list[bool], wanted: int) -> float:
    """Walk down the ranking, collect recall and precision, take the area under the running maximum from the right."""
    recall = np.cumsum(found) / wanted
    precision = np.cumsum(found) / np.arange(1, len(found) + 1)
    return voc_ap(recall, precision)


def plain_scores(p: np.ndarray, y: np.ndarray) -> dict[str, float]:
    """All figures, literally."""
    said = np.array([1 + int(np.argmax(row[1:])) for row in p])
    own = np.array([row[label] for row, label in zip(p, y, strict=True)])
    classes = sorted(set(y.tolist()))
    ranked = np.argsort(-own, kind="stable")
    class_ap = []
    for number in classes:
        order = np.argsort(-p[:, number], kind="stable")
        class_ap.append(ap_by_definition((y == number)[order].tolist(), int((y == number).sum())))
    return {
        "instance ap": ap_by_definition((said == y)[ranked].tolist(), len(y)),
        "instance ac": float(np.mean(said == y)),
        "instance sc": float(np.mean(own)),
        "class ap": float(np.mean(class_ap)),
        "class ac": float(np.mean([np.mean(said[y == c] == c) for c in classes])),
        "class sc": float(np.mean([np.mean(own[y == c]) for c in classes])),
    }


def figures(p: np.ndarray, y: np.ndarray, images: np.ndarray) -> dict[str, float]:
    scores = score_regions(p, y, images)
    return {
        f"{part} {name}": getattr(
            getattr(scores, f"{part}s" if part == "instance" else "classes"), name
        ).value
        for part in ("instance", "class")
        for name in ("ap", "ac", "sc")
    }


@st.composite
def regions(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Few different probabilities, so that many are equal."""
    count, kinds = draw(st.integers(1, 25)), draw(st.integers(2, 5))
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    p = rng.integers(0, 4, (count, kinds)) / 4
    return p, rng.integers(1, kinds, count), rng.integers(0, 4, count)


@given(regions())
def test_equals_its_definition_ties_included(some: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    assert figures(*some) == pytest.approx(plain_scores(some[0], some[1]))


@settings(max_examples=40)
@given(regions())
def test_intervals_are_those_of_scores_without_each_image(
    some: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    p, y, images = some
    interval = score_regions(p, y, images).classes.ap
    names = np.unique(images)
    if len(names) == 1:
        assert (interval.low, interval.high) == (0.0, 1.0)
        return
    without = [plain_scores(p[images != one], y[images != one])["class ap"] for one in names]
    shifts = np.array(without) - interval.value
    spread = np.sqrt((len(names) - 1) / len(names) * (shifts**2).sum())
    if spread < 1e-9:  # but for rounding
        assert interval.high - interval.low > 0.4  # each of at most four images is one sample
        return
    quantile = {2: 12.706, 3: 4.303, 4: 3.182}[len(names)]
    assert interval.low == pytest.approx(max(0.0, interval.value - quantile * spread), abs=5e-3)
    assert interval.high == pytest.approx(min(1.0, interval.value + quantile * spread), abs=5e-3)


@pytest.mark.parametrize("case", range(3))
def test_figures_of_the_reference(shared: Path, case: int) -> None:
    given = np.load(shared / "fixtures" / "iter_metrics.npz")
    images = np.repeat(np.arange(5), given[f"{case}_image_sizes"])
    scores = score_regions(given[f"{case}_scores"], given[f"{case}_labels"], images)
    for name in ("ap", "ac", "sc"):
        assert getattr(scores.instances, name).value == pytest.approx(
            float(given[f"{case}_mins_{name}"]), abs=2e-6
        )
        assert getattr(scores.classes, name).value == pytest.approx(
            float(given[f"{case}_mcls_{name}"]), abs=2e-6
        )
        per_class = np.nan_to_num(getattr(scores, name)[1:])
        np.testing.assert_allclose(per_class, given[f"{case}_class_{name}"], atol=2e-6)
    np.testing.assert_array_equal(scores.counts[1:], given[f"{case}_class_count"])
    printed = str(given[f"{case}_printed_line"]).split()
    assert scores.line().split() == [printed[place] for place in (5, 4, 2, 1)]


def test_areas_of_the_reference(shared: Path) -> None:
    given = np.load(shared / "fixtures" / "iter_voc_ap.npz")
    for case in range(4):
        curve = given[f"{case}_rec"], given[f"{case}_prec"]
        assert voc_ap(*curve) == pytest.approx(float(given[f"{case}_ap"]), abs=1e-12)
        eleven = voc_ap(*curve, eleven_points=True)
        assert eleven == pytest.approx(float(given[f"{case}_ap_11point"]), abs=1e-12)


def test_background_is_never_predicted() -> None:
    p = [[0.9, 0.06, 0.04], [0.9, 0.02, 0.08]]
    assert score_regions(p, [1, 2], [0, 1]).instances.ac.value == 1.0


def test_bands_hold_classes_by_their_frequency_in_training() -> None:
    p = np.eye(5)[[1, 2, 3, 4, 4]]
    scores = score_regions(p, [1, 2, 3, 4, 3], np.arange(5), frequencies_K=[0, 0, 7, 99, 2000])
    assert [(str(band), band.classes) for band in scores.bands] == [
        ("0", 1),
        ("1–9", 1),
        ("10–99", 1),
        ("1,000 or more", 1),
    ]
    assert [band.figures.ac.value for band in scores.bands] == [1.0, 1.0, 0.5, 1.0]
    document = scores.to_dict(["-", "a", "b", "c", "d"])
    assert document["per_class"]["c"] == {"regions": 2, "ap": pytest.approx(0.7), "ac": 0.5, "sc": 0.5}
    assert document["bands"][2]["regions"] == "10–99"


def test_wrong_input() -> None:
    with pytest.raises(UsageError, match=r"got \[2, 3\], \[1\] and \[2\]"):
        score_regions(np.zeros((2, 3)), [1], [0, 0])
    with pytest.raises(UsageError, match="classes 1 to 2, as 0 is the background; got 0 to 2"):
        score_regions(np.zeros((2, 3)), [0, 2], [0, 0])
    with pytest.raises(UsageError, match="1 of 2 regions have NaN"):
        score_regions([[0, 1, float("nan")], [0, 0, 1]], [1, 2], [0, 0])
    with pytest.raises(UsageError, match=r"3 classes have 3 frequencies; got \[2\]"):
        score_regions(np.ones((1, 3)), [1], [0], frequencies_K=[0, 1])
