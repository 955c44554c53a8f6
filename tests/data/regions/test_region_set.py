from pathlib import Path

import numpy as np

from visreason.data.regions.region_set import RegionImage


def test_some_regions_of_an_image() -> None:
    image = RegionImage(
        Path("a.png"),
        9,
        9,
        np.arange(12, dtype=np.float32).reshape(3, 4),
        np.array([5, 6, 7]),
        ("x", "y", "z"),
        (("red",), (), ("blue",)),
        np.array([-1, 0, 1]),
    )
    some = image.select(np.array([False, True, True]))
    assert (some.labels.tolist(), some.ids, some.attributes) == ([6, 7], ("y", "z"), ((), ("blue",)))
    assert some.boxes.tolist() == [[4, 5, 6, 7], [8, 9, 10, 11]]
    assert some.wholes.tolist() == [-1, 0]
    assert image.select(np.ones(3, bool)).wholes.tolist() == [-1, 0, 1]
    assert len(image.select(np.zeros(3, bool))) == 0
