"""Rankings that look at no feature: what a figure of retrieval is worth is seen beside theirs.

Shape suffixes: Q queries, N scenes.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from visreason.clevr.attributes import ATTRIBUTES
from visreason.clevr.scene import Scene

Distances = NDArray[np.float64]


def baselines(queries: Sequence[Scene], scenes: Sequence[Scene], seed: int = 0) -> dict[str, Distances]:
    """The distances of each baseline by its name, [Q, N].

    * `random`: any order.
    * `fewest_objects`: scenes of few objects first, whatever the query.
    * `number_of_objects`: |n - m|, the difference of the numbers of objects.
    * `attribute_histogram`: |h - h'|, the Euclidean distance of how often each of the 15 values of the attributes
      occurs. It knows the true objects and nothing of their places: what features without relations can reach.

    Args:
        queries: Q scenes.
        scenes: N scenes.
        seed: of the random order.

    Example:
        >>> from visreason.clevr.sampling import sample_scene, scene_rng
        >>> scenes = [sample_scene(scene_rng(0, "val", i), i, "val") for i in range(3)]
        >>> baselines(scenes[:1], scenes)["attribute_histogram"][0, 0]
        np.float64(0.0)
    """
    histograms_QV, histograms_NV = (
        np.stack([_histogram(scene) for scene in side]) for side in (queries, scenes)
    )
    sizes_Q, sizes_N = (np.array([float(len(scene)) for scene in side]) for side in (queries, scenes))
    between_QN = np.linalg.norm(histograms_QV[:, None] - histograms_NV[None], axis=2)
    return {
        "random": np.random.default_rng(seed).random((len(queries), len(scenes))),
        "fewest_objects": np.tile(sizes_N, (len(queries), 1)),
        "number_of_objects": np.abs(sizes_Q[:, None] - sizes_N[None]),
        "attribute_histogram": between_QN,
    }


def _histogram(scene: Scene) -> NDArray[np.float64]:
    """How many objects have each value of each attribute, [15]."""
    counts = [
        sum(getattr(thing, name) == value for thing in scene.objects)
        for name, values in ATTRIBUTES.items()
        for value in values
    ]
    return np.array(counts, np.float64)
