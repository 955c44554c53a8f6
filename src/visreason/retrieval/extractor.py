"""From images, or scenes, to features, by one layer of one model or of a frozen backbone.

Shape suffixes: I images, D numbers a feature, N objects.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import orjson
import torch
from torch import Tensor

from visreason.clevr.sampling import sample_scene, scene_rng
from visreason.clevr.scene import Scene
from visreason.data.encodings import encode_scene
from visreason.data.features.choice import choice_of
from visreason.data.images import Pixels, resize_image
from visreason.errors import DataError, ModelError, UsageError
from visreason.models import ModelFile, RelationNetwork
from visreason.nn.backbone import LAYERS, BackboneChoice, on_device
from visreason.nn.backbones import BACKBONES, default_normalisation, load_backbone
from visreason.nn.batch import Batch
from visreason.nn.text import TextEncoder
from visreason.retrieval.index_folder import Aggregation, IndexSettings, Normalise
from visreason.retrieval.layers import Reading, choose_reading, read_features
from visreason.tasks.loading import load_any

BACKBONE = "backbone"
"""The kind of input of a frozen backbone by itself: images of `image_size`, resized as for the backbones' features."""

Subject = Pixels | Scene
"""What is looked at: an image, `[H, W, 3]`, or the scene itself."""


class Extractor:
    """Makes features; the way that a `RetrievalIndex` notes.

    Attributes:
        source: what the user calls the model.
        reading: the layer, and what becomes of it.
        looks_at: `"images"` or, for models that read state descriptions, `"scenes"`.
        fingerprint: of the model's configuration and weights.
        size: D.

    Args:
        source: what the user calls the model.
        file: the model; its `meta["inputs"]` say what it sees.
        reading: from `choose_reading`.
        device: where it runs; None: on a GPU where there is one.

    Example:
        >>> from visreason.models import build_model
        >>> settings = {"vocabulary_size": 2, "answer_count": 2, "input": "state", "object_size": 7}
        >>> network = build_model("relation-network", settings)
        >>> inputs = {"kind": "state", "encoding": "ordinal", "max_objects": 10}
        >>> file = ModelFile(network.eval(), "relation-network", network.config, {"inputs": inputs})
        >>> extract = Extractor("mine", file, choose_reading(network, None, None, None), "cpu")
        >>> extract([sample_scene(scene_rng(0, "val", 0), 0, "val")]).shape, extract.looks_at
        (torch.Size([1, 256]), 'scenes')
    """

    def __init__(self, source: str, file: ModelFile, reading: Reading, device: str | None = None) -> None:
        self.source, self.reading = source, reading
        self.device = device or on_device()
        self.fingerprint = fingerprint(file)
        self._model = file.model.to(self.device)
        self._inputs: dict[str, Any] = file.meta["inputs"]
        kind = self._inputs["kind"]
        self.looks_at: Literal["images", "scenes"] = "scenes" if kind == "state" else "images"
        self._backbone = (
            load_backbone(choice_of(self._inputs)).to(self.device) if kind == "features" else None
        )
        if isinstance(file.model, RelationNetwork) and isinstance(file.model.text, TextEncoder):
            file.model.text.pad_to = None  # the published features ask with a single 0
        self.size = self([self._any_subject()]).shape[1]

    @torch.no_grad()
    def __call__(self, subjects: Sequence[Subject]) -> Tensor:
        """Features, `[I, D]`, in 32 bits, on the CPU.

        Raises:
            UsageError: images were given to a model that reads scenes, or the other way round.
            DataError: a scene has more objects than the model reads, or none.
        """
        features_ID = self._read([self._seen(subject) for subject in subjects])
        return features_ID.float().cpu()

    def settings(self, **where: Any) -> IndexSettings:
        """The settings of an index of these features; `where` adds images, scenes, dtype, backend."""
        return IndexSettings(
            model=str(Path(self.source).resolve()) if Path(self.source).exists() else self.source,
            fingerprint=self.fingerprint,
            layer=self.reading.layer,
            aggregation=self.reading.aggregation,
            normalise=self.reading.normalise,
            size=self.size,
            weights=self._inputs.get("weights"),
            input_size=tuple(self._inputs["image_size"]) if self._inputs["kind"] == BACKBONE else None,
            **where,
        )

    def _seen(self, subject: Subject) -> Any:
        """One image or scene in the size that the model reads: one for every entry of a batch."""
        if isinstance(subject, Scene) != (self.looks_at == "scenes"):
            raise UsageError(f"this model looks at {self.looks_at}; it was given {_kind(subject)}.")
        if isinstance(subject, Scene):
            if not subject.objects:
                raise DataError(
                    f"the scene of {subject.image_filename} has no objects, so nothing to relate."
                )
            return encode_scene(subject, self._inputs["encoding"], self._inputs["max_objects"])
        height, width = (
            choice_of(self._inputs).size if self._backbone is not None else self._inputs["image_size"]
        )
        return resize_image(subject, (height, width), bicubic=self._inputs["kind"] != "pixels")

    def _read(self, seen: Sequence[Any]) -> Tensor:
        """The features of what `_seen` gave."""
        nothing = torch.zeros(len(seen), 1, dtype=torch.long)
        batch = Batch(tokens=nothing, lengths=torch.ones(len(seen), dtype=torch.long))
        if self.looks_at == "scenes":
            objects, masks = zip(*seen, strict=True)
            batch.objects = torch.from_numpy(np.stack(objects))
            batch.object_mask = torch.from_numpy(np.stack(masks))
        else:
            batch.images = _as_floats(seen)
        batch = batch.to(self.device)
        if self._backbone is not None and batch.images is not None:
            batch = replace(batch, images=None, features=self._backbone(batch.images))
        return read_features(self._model, batch, self.reading)

    def _any_subject(self) -> Subject:
        """Something to look at, to learn the features' size."""
        if self.looks_at == "scenes":
            return sample_scene(scene_rng(0, "val", 0), 0, "val", 3, 3)
        return np.zeros((64, 64, 3), np.uint8)


def open_extractor(
    source: str,
    *,
    layer: str | None = None,
    aggregation: Aggregation | None = None,
    normalise: Normalise | None = None,
    weights: Path | None = None,
    size: tuple[int, int] = (224, 224),
    device: str | None = None,
) -> Extractor:
    """Load a model or a backbone to take features from.

    Args:
        source: what `visreason.tasks.loading.load_any` knows, or the name of a backbone.
        layer: a name in `visreason.retrieval.layers`; None takes the published one, of a backbone c4.
        aggregation: None takes the published one.
        normalise: None takes the published one.
        weights: for a backbone, or a model that reads one's features: the file of the backbone's weights.
        size: for a backbone by itself: height and width that images are resized to.
        device: None runs on a GPU where there is one.

    Raises:
        ModelError: there is no such model, or it cannot be loaded.
        UsageError: it has no such layer, the choices contradict each other, or an optional package is missing.
    """
    if source in BACKBONES and not Path(source).exists():
        file = _backbone_file(source, layer or "c4", weights, size)
        layer = layer or "c4"
    else:
        file = load_any(source)
        if "inputs" not in file.meta or file.meta["inputs"]["kind"] not in ("pixels", "features", "state"):
            raise ModelError(
                f"{source} does not say what it looks at as a whole, so it makes no features of images."
            )
        if weights is not None:
            file.meta["inputs"] = file.meta["inputs"] | {"weights": str(weights)}
    return Extractor(source, file, choose_reading(file.model, layer, aggregation, normalise), device)


def extractor_of(
    settings: IndexSettings,
    *,
    model: str | None = None,
    device: str | None = None,
) -> Extractor:
    """The extractor that an index was made with.

    Args:
        settings: the index's.
        model: where the model is now, if it moved.
        device: as for `open_extractor`.

    Raises:
        ModelError: the model is gone, or is another than the index's.
    """
    source = model or settings.model
    if model is None and Path(source).is_absolute() and not Path(source).exists():
        raise ModelError(
            f"the model of this index was {source}, which is gone. Put it back there, or make the index again; "
            "`visreason search` also takes one from elsewhere, by --model MODEL."
        )
    found = open_extractor(
        source,
        layer=settings.layer,
        aggregation=settings.aggregation,
        normalise=settings.normalise,
        weights=None if settings.weights is None else Path(settings.weights),
        size=settings.input_size or (224, 224),
        device=device,
    )
    if found.fingerprint != settings.fingerprint:
        raise ModelError(
            f"{source} is not the model that this index was made with (checksum {found.fingerprint[:12]}, not "
            f"{settings.fingerprint[:12]}). Put that model in its place, or make the index again; "
            "`visreason search` also takes it from elsewhere, by --model MODEL."
        )
    return found


def fingerprint(file: ModelFile) -> str:
    """SHA-256 of a model's weights and of what it sees; the same wherever its file lies.

    Example:
        >>> from visreason.models import build_model
        >>> model = build_model("question-only", {"vocabulary_size": 2, "answer_count": 2})
        >>> len(fingerprint(ModelFile(model, "question-only", model.config, {})))
        64
    """
    seen = {name: value for name, value in file.meta.get("inputs", {}).items() if name != "weights"}
    digest = hashlib.sha256(orjson.dumps([file.family, seen], option=orjson.OPT_SORT_KEYS))
    for name, tensor in sorted(file.model.state_dict().items()):
        digest.update(f"{name} {tensor.dtype} {list(tensor.shape)}".encode())
        digest.update(tensor.detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()


def _backbone_file(name: str, layer: str, weights: Path | None, size: tuple[int, int]) -> ModelFile:
    """A backbone in the form of a model."""
    if layer not in LAYERS:
        raise UsageError(f"a backbone has no layer {layer!r}; it has {', '.join(LAYERS)}.")
    choice = BackboneChoice(
        name=name, layer=layer, weights=weights, normalisation=default_normalisation(name), size=size
    )
    inputs = {
        "kind": BACKBONE,
        "backbone": name,
        "layer": layer,
        "normalisation": choice.normalisation,
        "image_size": list(size),
        "weights": None if weights is None else str(weights.resolve()),
    }
    return ModelFile(load_backbone(choice), BACKBONE, choice, {"inputs": inputs})


def _as_floats(images_HW3: Sequence[Pixels]) -> Tensor:
    """Images of one size as networks read them, `[I, 3, H, W]` in [0, 1]."""
    return torch.from_numpy(np.stack(images_HW3)).permute(0, 3, 1, 2).float() / 255


def _kind(subject: Subject) -> str:
    return "a scene" if isinstance(subject, Scene) else "an image"
