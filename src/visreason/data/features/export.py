"""Our shards in the forms that peers read: clevr-iep's HDF5, and one `.npy` file an image.

Both are written from a finished store of shards, so that an interrupted extraction is gone on with whatever the form.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from visreason.data.features.store import ShardStore
from visreason.data.hdf5 import SUMMED, import_h5py
from visreason.errors import UsageError
from visreason.files import write_atomically


def to_hdf5(store: ShardStore, file: Path, indices: Sequence[int]) -> None:
    """Write clevr-iep's form: the data set `features`, float32 `[N, C, H, W]`, whose row i is image i.

    Args:
        store: the shards.
        file: where to; written beside and renamed.
        indices: the image index of each image of the store, in its order.

    Raises:
        UsageError: the indices are not 0, 1, 2 ..., as row = image index needs.
        DataError: it cannot be written.
    """
    images = store.notes["images"]
    if sorted(indices) != list(range(len(images))):
        raise UsageError(
            f"in clevr-iep's form row i is image i, but the {len(images)} images have indices from {min(indices)} to "
            f"{max(indices)}. Choose --format shards."
        )
    h5py = import_h5py(file)
    with write_atomically(file, "w+b") as handle, h5py.File(handle, "w", libver=SUMMED) as opened:
        # Fletcher-32 is a checksum of every row, compared when it is read.
        layout = {"chunks": (1, *store.shape), "fletcher32": True}
        rows = opened.create_dataset("features", (len(images), *store.shape), np.float32, **layout)
        for name, index in zip(images, indices, strict=True):
            rows[index] = store.read(name, index)


def to_npy(store: ShardStore, folder: Path) -> None:
    """Write one file an image, float32 `[1, H, W, C]`, as the Stack NMN projects read them.

    Args:
        store: the shards.
        folder: where to.

    Raises:
        DataError: a file cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name in store.notes["images"]:
        cells_CHW = np.asarray(store.read(name, 0), np.float32)
        with write_atomically(folder / f"{Path(name).stem}.npy") as file:
            np.save(file, cells_CHW.transpose(1, 2, 0)[None], allow_pickle=False)
