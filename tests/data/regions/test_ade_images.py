from pathlib import Path

import numpy as np
import pytest
from scipy.io import savemat

from visreason.data.regions.ade2016 import read_ade2016
from visreason.data.regions.ade_images import split_images
from visreason.data.regions.matlab_index import read_index
from visreason.errors import DataError


def write_index(root: Path) -> None:
    folder = "ADE20K_2016_07_26/images/training/s/street"
    names = [f"ADE_train_0000000{number}.jpg" for number in (1, 2, 3)] + ["ADE_val_00000001.jpg"]
    index = {
        "filename": np.array(names, object),
        "folder": np.array([folder] * 3 + [folder.replace("training", "validation")], object),
        "typeset": np.array([1, 1, 1, 2]),
        "objectnames": np.array(["-", "abacus"], object),
    }
    savemat(root / "index_ade20k.mat", {"index": index})


def test_the_index_names_images_that_are_missing(ade2016: Path) -> None:
    write_index(ade2016)
    regions = read_ade2016(ade2016, "train")
    assert regions.report.images == 2
    assert regions.report.oddities[0].examples == ("ADE_train_00000003.jpg",)
    assert [path.name for path in split_images(ade2016, "validation")] == ["ADE_val_00000001.jpg"]
    assert read_index(ade2016 / "index_ade20k.mat")["objectnames"] == ["-", "abacus"]


def test_a_list_comes_first_and_files_are_found_by_their_names(ade2016: Path) -> None:
    write_index(ade2016)
    (ade2016 / "ade_split").mkdir()
    (ade2016 / "ade_split" / "mval.txt").write_text(
        "images/training/elsewhere/ADE_train_00000002.jpg\nx/gone.jpg\n"
    )
    found = split_images(ade2016, "mval")
    assert [path.is_file() for path in found] == [True, False]
    assert found[0].parent.name == "street"
    assert split_images(ade2016, str(ade2016 / "ade_split" / "mval.txt")) == found


def test_no_such_split(ade2016: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"has no split 'validation': neither validation\.txt"):
        split_images(ade2016, "validation")
    with pytest.raises(DataError, match="is no folder"):
        split_images(tmp_path / "none", "train")


def test_a_broken_index(ade2016: Path) -> None:
    (ade2016 / "index_ade20k.mat").write_bytes(b"MATLAB 5.0" + bytes(200))
    with pytest.raises(DataError, match="is not the index of ADE20K"):
        split_images(ade2016, "train")
    savemat(ade2016 / "index_ade20k.mat", {"other": 1})
    with pytest.raises(DataError, match="is not the index of ADE20K"):
        split_images(ade2016, "train")
