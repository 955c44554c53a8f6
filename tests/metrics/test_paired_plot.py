from pathlib import Path

from PIL import Image

from visreason.metrics.paired import Paired
from visreason.metrics.paired_plot import plot_paired

ONE = Paired.of([1, 0, 0, 1], [1, 1, 0, 1], range(4))


def test_it_grows_with_types_and_models(tmp_path: Path) -> None:
    sizes = []
    for name, leads in {
        "small": {"b": {"all questions": ONE}},
        "large": {model: dict.fromkeys(("count", "all questions", "exist"), ONE) for model in "bcd"},
    }.items():
        path = tmp_path / f"{name}.png"
        plot_paired(leads, path, baseline="a", overall="all questions")
        sizes.append(Image.open(path).size)
    assert sizes[1][1] > sizes[0][1]
    assert min(sizes[0]) > 100
