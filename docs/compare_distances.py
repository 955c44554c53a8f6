"""What the distances of scenes are like: the figures of docs/retrieval.md, printed for scenes files or sampled scenes.

python docs/compare_distances.py CLEVR_v1.0/scenes/CLEVR_val_scenes.json
python docs/compare_distances.py --sampled 400
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from visreason.clevr.sampling import sample_scene, scene_rng
from visreason.clevr.scene import Scene
from visreason.clevr.scenes_file import read_scenes
from visreason.metrics.retrieval import spearman
from visreason.retrieval.graph_distance import KINDS, distance_matrix
from visreason.retrieval.graph_distance.graph import SceneGraph
from visreason.retrieval.graph_distance.symmetric import symmetric_bounds


def main() -> None:
    """Print the figures of every kind of distance between all the scenes."""
    parser = argparse.ArgumentParser(description="What the distances of scenes are like.")
    parser.add_argument("file", type=Path, nargs="?", help="a scenes file in CLEVR v1.0's format")
    parser.add_argument("--sampled", type=int, default=400, help="without a file: how many scenes to sample")
    given = parser.parse_args()
    scenes = (
        read_scenes(given.file)
        if given.file
        else [sample_scene(scene_rng(0, "val", i), i, "val") for i in range(given.sampled)]
    )
    print(f"{len(scenes)} scenes")
    for kind in KINDS:
        print(f"{kind}: {describe(distance_matrix(scenes, scenes, kind), scenes)}")
    graphs = [SceneGraph.of(scene) for scene in scenes]
    rows, columns = np.triu_indices(len(graphs), 1)
    low, high = symmetric_bounds([graphs[i] for i in rows], [graphs[j] for j in columns])
    print(f"symmetric: {int((low == high).sum()):,} of {len(low):,} pairs proved")


def describe(distances_NN: np.ndarray, scenes: Sequence[Scene]) -> str:
    """Range, asymmetry, correlations with numbers of objects, broken triangles."""
    count = len(scenes)
    others = ~np.eye(count, dtype=bool)
    sizes_N = np.array([float(len(scene)) for scene in scenes])
    asymmetry = np.abs(distances_NN - distances_NN.T)[others]
    own, differences = (
        spearman(distances_NN[others].reshape(count, -1), by_size[others].reshape(count, -1)).mean()
        for by_size in (np.tile(sizes_N, (count, 1)), np.abs(sizes_N[:, None] - sizes_N))
    )
    broken = sum(int((row > row[:, None] + distances_NN + 1e-4).sum()) for row in distances_NN)
    low, high = distances_NN[others].min(), distances_NN[others].max()
    return (
        f"{low:.3g} to {high:.3g}; asymmetry {asymmetry.mean():.2f}, at most {asymmetry.max():.3g}; "
        f"correlation with the candidate's number of objects {own:.3f}, with the difference {differences:.3f}; "
        f"{broken:,} of {count**3:,} triangles broken"
    )


if __name__ == "__main__":
    main()
