from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from visreason.clevr.folder import ClevrFolder
from visreason.clevr.scenes_file import read_scenes
from visreason.errors import UsageError
from visreason.retrieval.building import write_index
from visreason.retrieval.evaluation import evaluate
from visreason.retrieval.index_folder import IndexSettings
from visreason.retrieval.truth_sheet import draw_truth


def test_a_row_for_the_index_and_one_for_each_truth(tiny_data: Path, tmp_path: Path) -> None:
    folder = ClevrFolder(tiny_data)
    scenes = read_scenes(folder.scenes_file("val"))
    images = str(folder.images_dir("val"))
    settings = IndexSettings(
        model="rn", fingerprint="", layer="g2", aggregation="mean", normalise="both", size=3, images=images
    )
    features = np.random.default_rng(0).random((6, 3)).astype(np.float32)
    index = write_index(tmp_path / "index", features, [one.image_filename for one in scenes], settings)
    heights = []
    for kinds in (["symmetric"], ["symmetric", "published-soft", "published-hard"]):
        draw_truth(tmp_path / "sheet.png", index, evaluate(index, scenes, kinds, [1]))
        with Image.open(tmp_path / "sheet.png") as sheet:
            heights.append(sheet.height)
            assert sheet.width > 1000
    assert heights[1] > 1.6 * heights[0]
    with pytest.raises(UsageError, match="png"):
        draw_truth(tmp_path / "sheet.txt", index, evaluate(index, scenes, ["symmetric"], [1]))
