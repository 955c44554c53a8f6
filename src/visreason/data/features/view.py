"""Features as what a model sees: from a store, or from the images through the backbone when the batch is made.

Shape suffixes: I images, C channels, h x w cells.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from visreason.clevr.folder import ClevrFolder
from visreason.clevr.iep_folder import IepFolder
from visreason.data.features.folder import features_place
from visreason.data.features.store import FeatureStore, open_features, widened
from visreason.data.inputs import Seen, Subjects
from visreason.data.samples import Sample, collate
from visreason.errors import DataError
from visreason.nn.backbone import Backbone, BackboneChoice
from visreason.nn.batch import Batch


@dataclass(slots=True)
class FeatureView:
    """Features from a store.

    Attributes:
        choice: of the backbone; says where the store is when no place is given.
        place: the store, with `{split}` for the split's name; None looks beside the data: `SPLIT_features.h5` of
            clevr-iep's layout, else `features/BACKBONE-LAYER/SPLIT` with or without `.h5`.
        shape: (C, h, w) that the model reads; None takes any.
    """

    choice: BackboneChoice
    place: str | None = None
    shape: tuple[int, int, int] | None = None
    _store: FeatureStore = field(init=False, repr=False)
    _index: dict[str, int] = field(init=False, repr=False)

    def check(self, folder: ClevrFolder, split: str, subjects: Subjects) -> None:
        """Open the store, and find every image's features in it."""
        self._store = find_store(folder, split, self.choice, self.place)
        if self.shape is not None and self._store.shape != self.shape:
            raise DataError(
                f"{self._store.path} has features of {_by(self._store.shape)}, but the model reads {_by(self.shape)}. "
                "Extract them as for its training."
            )
        indices = np.zeros(len(subjects.images), np.int64)
        indices[subjects.image_R] = subjects.image_index_R
        self._index = dict(zip(subjects.images, indices.tolist(), strict=True))
        self._store.check(list(self._index), list(self._index.values()))

    def see(self, row: int, image: str, seed: tuple[int, ...] | None) -> Seen:
        """Read the image's features."""
        return Seen(features=widened(self._store.read(image, self._index[image])))


def find_store(folder: ClevrFolder, split: str, choice: BackboneChoice, place: str | None) -> FeatureStore:
    """The store of a split's features; arguments as for `FeatureView`.

    Raises:
        DataError: there is none, or it is broken.
    """
    if place is not None:
        return open_features(Path(place.replace("{split}", split)))
    own = features_place(folder, split, choice)
    candidates = [own, own.with_suffix(".h5")]
    if isinstance(folder, IepFolder):
        candidates.insert(0, folder.features_file(split))
    for candidate in candidates:
        if candidate.exists():
            return open_features(candidate)
    raise DataError(
        f"there are no features of split {split!r} in {folder.root}: looked for "
        f"{' and '.join(str(one) for one in candidates)}. Extract them with `visreason features {folder.root} --split "
        f"{split} --backbone {choice.name}`, or name the place with --inputs.features."
    )


class BackboneCollate:
    """Collates samples of an `ImageView`, sending each image through a frozen backbone once.

    To be called in the training process itself (no loader workers); the batch is then on the backbone's device.

    Args:
        backbone: the network.
        device: where it runs.
    """

    def __init__(self, backbone: Backbone, device: str = "cpu") -> None:
        self.backbone, self.device = backbone.to(device), device

    def __call__(self, samples: Sequence[Sample]) -> Batch:
        """A batch with features in place of images."""
        batch = collate(samples).to(self.device)
        assert batch.images is not None
        return replace(batch, images=None, features=self.backbone(batch.images))


def _by(shape: Sequence[int]) -> str:
    return "x".join(map(str, shape))
