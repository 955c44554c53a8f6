"""An index on disk: the features of many images, which images they are of, and how they were made.

```
INDEX/features.npy    float32 or float16 [N, D], mapped into memory and never read as a whole
INDEX/ids.json        the N file names, in the order of the rows
INDEX/index.json      `IndexSettings`, and the checksums of all this
INDEX/faiss.index     with the backend faiss only
```

Shape suffixes: N images, Q queries, D numbers a feature, k results.
"""

import hashlib
from dataclasses import asdict, dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
import orjson
import torch
from numpy.typing import NDArray
from torch import Tensor

from visreason.arrays import map_array
from visreason.data.world_contents import sha256
from visreason.errors import DataError, UsageError
from visreason.files import read_json
from visreason.retrieval.exact import Centred, Vectors, centre, distances, nearest, rank

FORMAT = 1
FEATURES, IDS, SETTINGS, FAISS = "features.npy", "ids.json", "index.json", "faiss.index"
CHECKSUMS = "sha256"
VERIFIED = 1 << 28
"""Bytes of a file at most whose checksum is compared whenever an index is opened; `check` compares all."""

Aggregation = Literal["mean", "max", "rmac", "own"]
Normalise = Literal["pairs", "vectors", "both", "none"]
Backend = Literal["exact", "faiss"]
Precision = Literal["float32", "float16"]


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexSettings:
    """How an index was made: whoever searches it must make the query's feature in the same way.

    Attributes:
        model: where the model was: a run, a checkpoint, a model file, the name of one, or a backbone's name.
        fingerprint: of the model's configuration and weights; they must be the query's, too.
        layer: what the features were taken from, see `visreason.retrieval.layers`.
        aggregation: over pairs of objects, or over cells; own: what the network itself does.
        normalise: what was divided by its length: each pair's vector, the whole feature, both, or nothing.
        size: D.
        dtype: of the numbers on disk.
        backend: how it is searched.
        images: the folder the images lie in, None where there are none (scenes of a world without images).
        scenes: the scenes file, where the images have one.
        weights: for a backbone: the file of its weights.
        input_size: for a backbone: height and width that images are resized to.
        distance: between features.
    """

    model: str
    fingerprint: str
    layer: str
    aggregation: Aggregation
    normalise: Normalise
    size: int
    dtype: Precision = "float32"
    backend: Backend = "exact"
    images: str | None = None
    scenes: str | None = None
    weights: str | None = None
    input_size: tuple[int, int] | None = None
    distance: Literal["euclidean"] = "euclidean"

    def to_dict(self) -> dict[str, Any]:
        """The contents of `index.json`."""
        return {"format": FORMAT, **asdict(self)}

    @classmethod
    def from_dict(cls, record: Any, where: Path) -> Self:
        """Settings from the contents of `index.json`.

        Raises:
            DataError: it is another format, or something is missing.
        """
        given = dict(record) if isinstance(record, dict) else {}
        given.pop(CHECKSUMS, None)
        if given.pop("format", None) != FORMAT:
            raise DataError(
                f"{where} is no index of this version of visreason. Make it again: `visreason index`."
            )
        if set(given) != {one.name for one in fields(cls)}:
            raise DataError(f"{where} is incomplete. Make the index again: `visreason index … --overwrite`.")
        size, sides = given["size"], given["input_size"]
        pair = isinstance(sides, list) and [type(side) for side in sides] == [int, int]
        if type(size) is not int or size < 1 or not (pair or sides is None):
            raise DataError(
                f"{where} is damaged: its size {size!r} or {sides!r} is none. Make the index again."
            )
        return cls(**given | {"input_size": None if sides is None else tuple(sides)})


def seal(folder: Path, settings: IndexSettings) -> dict[str, str]:
    """The checksums of an index's files, by name; that of the settings is of what they say."""
    own = hashlib.sha256(orjson.dumps(settings.to_dict())).hexdigest()
    names = (FEATURES, IDS, FAISS)
    return {SETTINGS: own} | {name: sha256(folder / name) for name in names if (folder / name).exists()}


def check(folder: Path, settings: IndexSettings, known: Any, most: int | None = None) -> None:
    """Compare an index's files with their checksums; an index without any passes.

    Args:
        folder: where it lies.
        settings: what `index.json` says.
        known: the checksums beside it.
        most: leave out files of more bytes; None: compare all.

    Raises:
        DataError: one has changed, or is missing.
    """
    if known is None:
        return
    if not isinstance(known, dict):
        raise DataError(
            f"{folder / SETTINGS} is damaged: its checksums are {known!r:.40}. Make the index again."
        )
    if known.get(SETTINGS) != hashlib.sha256(orjson.dumps(settings.to_dict())).hexdigest():
        raise DataError(f"{folder / SETTINGS} is not as it was written. Make the index again.")
    for name, digest in known.items():
        file = folder / name
        if name == SETTINGS or (most is not None and file.exists() and file.stat().st_size > most):
            continue
        if sha256(file) != digest:
            raise DataError(f"{file} is not as it was written. Make the index again.")


@dataclass(frozen=True)
class RetrievalIndex:
    """An index that can be searched.

    Attributes:
        folder: where it lies.
        settings: how it was made.
        ids: the images' file names; the number of an image is its place here.
        features: `[N, D]`, mapped into memory.

    Example:
        >>> import tempfile
        >>> from visreason.retrieval.building import write_index
        >>> how = {"layer": "g2", "aggregation": "mean", "normalise": "both"}
        >>> settings = IndexSettings(model="rn", fingerprint="", size=2, **how)
        >>> folder = Path(tempfile.mkdtemp()) / "index"
        >>> index = write_index(folder, np.eye(2, dtype=np.float32), ["a.png", "b.png"], settings)
        >>> numbers, distances = index.search(np.array([[0.0, 1.0]]), k=2)
        >>> [index.ids[number] for number in numbers[0]], distances.round(3).tolist()
        (['b.png', 'a.png'], [[0.0, 1.4140000343322754]])
    """

    folder: Path
    settings: IndexSettings
    ids: tuple[str, ...]
    features: Vectors = field(repr=False)

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open an index; a small one's checksums are compared, of a large one only the names are read.

        Raises:
            DataError: there is none, it is not finished, it has changed, or its files do not belong together.
        """
        if not (folder / SETTINGS).is_file():
            raise DataError(f"{folder} is no index. `visreason index MODEL IMAGES {folder}` makes one.")
        record = read_json(folder / SETTINGS)
        settings = IndexSettings.from_dict(record, folder / SETTINGS)
        check(folder, settings, record.get(CHECKSUMS), VERIFIED)
        ids = read_json(folder / IDS)
        if not isinstance(ids, list) or not all(isinstance(one, str) for one in ids):
            raise DataError(f"{folder / IDS} is no list of names. Make the index again.")
        features = map_array(folder / FEATURES, "c")
        if features.shape != (len(ids), settings.size) or str(features.dtype) != settings.dtype:
            raise DataError(
                f"{folder / FEATURES} holds {features.dtype} {list(features.shape)}, but {len(ids)} images of "
                f"{settings.size} numbers in {settings.dtype} are told of. Make the index again."
            )
        return cls(folder, settings, tuple(ids), features)

    def __len__(self) -> int:
        """The number of images."""
        return len(self.ids)

    def search(
        self, vectors_QD: Vectors | Tensor, k: int = 10
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """The k nearest images of each query, nearest first: their numbers and distances, `[Q, min(k, N)]`.

        With the backend `"faiss"` a few of the nearest may be missed; the distances are exact in any case, and where
        faiss finds fewer than k a number is -1 and its distance infinite.

        Raises:
            UsageError: k is less than 1, or the queries have another size than the features.
        """
        if k < 1:
            raise UsageError(f"ask for at least 1 result; got {k}.")
        queries_QD = self._queries(vectors_QD)
        if self.settings.backend == "faiss":
            numbers_QK = self._faiss.nearest(queries_QD, min(k, len(self)))
        else:
            numbers_QK = nearest(self.features, self._centred, queries_QD, k)
        return rank(self.features, queries_QD, numbers_QK, k)

    def distances(self, vectors_QD: Vectors | Tensor) -> NDArray[np.float32]:
        """The distance of each query to every image, `[Q, N]`.

        Raises:
            UsageError: the queries have another size than the features.
        """
        return distances(self.features, self._queries(vectors_QD))

    def image_file(self, number: int) -> Path | None:
        """The file of an image, or None where the index knows of no images, or this one is gone."""
        if self.settings.images is None:
            return None
        file = Path(self.settings.images) / self.ids[number]
        return file if file.is_file() else None

    def _queries(self, vectors_QD: Vectors | Tensor) -> Tensor:
        """Queries as the search reads them."""
        queries_QD = torch.as_tensor(vectors_QD).float().cpu()
        if queries_QD.dim() != 2 or queries_QD.shape[1] != self.settings.size:
            raise UsageError(
                f"{self.folder} holds features of {self.settings.size} numbers; the query has the shape "
                f"{list(queries_QD.shape)}. Make it with the same model, layer and aggregation."
            )
        return queries_QD

    @cached_property
    def _centred(self) -> Centred:
        return centre(self.features)

    @cached_property
    def _faiss(self) -> Any:
        from visreason.retrieval.faiss_search import FaissSearch  # an extra

        return FaissSearch.read(self.folder / FAISS)
