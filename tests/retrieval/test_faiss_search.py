import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from visreason.errors import DataError, UsageError
from visreason.retrieval import faiss_search
from visreason.retrieval.building import write_index
from visreason.retrieval.faiss_search import FaissSearch
from visreason.retrieval.index_folder import IndexSettings, RetrievalIndex

SETTINGS = IndexSettings(
    model="rn", fingerprint="f", layer="g2", aggregation="mean", normalise="both", size=4, backend="faiss"
)


@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_few_vectors_are_searched_exactly(tmp_path: Path, dtype: str) -> None:
    pytest.importorskip("faiss")
    features = np.random.default_rng(0).standard_normal((80, 4)).astype(dtype)
    names = [f"{number}.png" for number in range(80)]
    index = write_index(tmp_path / "index", features, names, replace(SETTINGS, dtype=dtype))
    exact = replace(index, settings=replace(index.settings, backend="exact"))
    queries = np.random.default_rng(1).standard_normal((5, 4), np.float32)
    for found, expected in zip(
        RetrievalIndex.open(index.folder).search(queries, 7), exact.search(queries, 7), strict=True
    ):
        np.testing.assert_array_equal(found, expected)


def test_many_vectors_lie_in_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("faiss")
    monkeypatch.setattr(faiss_search, "FEW", 500)
    features = np.random.default_rng(0).standard_normal((1000, 3), np.float32)
    search = FaissSearch.build(features)
    assert search.index.nlist == 62
    assert search.index.nprobe == 62 // faiss_search.VISITED
    assert search.nearest(torch.from_numpy(features[:50]), 1)[:, 0].tolist() == list(range(50))


def test_without_faiss_nothing_is_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "faiss", None)
    with pytest.raises(UsageError, match=r"pip install 'visreason\[faiss\]'"):
        write_index(tmp_path / "index", np.zeros((1, 4), np.float32), ["a.png"], SETTINGS)
    assert not any(tmp_path.iterdir())


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    pytest.importorskip("faiss")
    (tmp_path / "faiss.index").write_bytes(b"nothing")
    with pytest.raises(DataError, match=r"faiss.index is missing or broken"):
        FaissSearch.read(tmp_path / "faiss.index")
