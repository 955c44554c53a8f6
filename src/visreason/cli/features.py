"""`visreason features`: what a frozen backbone sees in a split's images, once and for all."""

from pathlib import Path
from typing import Literal


def features(
    data: Path,
    *,
    split: str = "val",
    backbone: str = "resnet101",
    weights: Path | None = None,
    layer: Literal["c2", "c3", "c4", "c5"] = "c4",
    size: str = "224x224",
    normalisation: Literal["imagenet", "reference", "half", "none"] | None = None,
    format: Literal["shards", "hdf5", "npy"] = "shards",
    dtype: Literal["float16", "float32"] = "float16",
    output: Path | None = None,
    batch_size: int = 16,
    device: str | None = None,
    cluster: Literal["ray"] | None = None,
    overwrite: bool = False,
    json: bool = False,
) -> None:
    """Extract the features of a split's images with a frozen backbone.

    The same command completes an interrupted extraction. Shards are 16-bit and memory-mapped; hdf5 is clevr-iep's
    layout (row i is image i), npy one file an image as Stack NMN's projects have it; both are written in 32 bits from
    the shards, which are kept.

    Args:
        data: a folder in CLEVR's layout, real or generated.
        split: which split's images.
        backbone: resnet50, resnet101, resnet152, efficientnet-lite0, or what transformers' AutoBackbone loads.
        weights: a file of weights as torchvision, timm or transformers save them.
        layer: the stage: c4 has one cell for every 16 pixels and is what CLEVR's module networks read.
        size: height and width that images are resized to.
        normalisation: of the pixels: imagenet; reference repeats the slip of the published extractors (a third
            deviation of 0.224); half is EfficientNet-Lite's. By default the backbone's own.
        format: of the result.
        dtype: of the shards' numbers.
        output: where to; by default DATA/features/BACKBONE-LAYER/SPLIT (with .h5 for hdf5, -npy for npy).
        batch_size: images at a time.
        device: cpu or cuda; by default a GPU where there is one.
        cluster: spread the work over the Ray cluster of RAY_ADDRESS, or one made now on this machine; all its machines
            have to see DATA, --weights and the result under the same names, and use their processors.
        overwrite: begin anew.
        json: print an object with the keys path, images, shape, dtype, source.

    Example:
        visreason features world --split val --backbone efficientnet-lite0
    """
    from contextlib import nullcontext

    import torch

    from visreason.clevr.folder import ClevrFolder
    from visreason.cli.tables import messages, print_json
    from visreason.data.cluster import ray_cluster
    from visreason.data.features.export import to_hdf5, to_npy
    from visreason.data.features.extract import Source, extract
    from visreason.data.features.folder import features_place, split_images
    from visreason.data.features.store import ShardStore
    from visreason.data.progress import shown_progress
    from visreason.errors import UsageError
    from visreason.nn.backbone import BackboneChoice
    from visreason.nn.backbones import default_normalisation, load_backbone

    if batch_size < 1:
        raise UsageError(f"--batch-size must be at least 1; got {batch_size}.")
    if cluster is not None:
        if device not in (None, "cpu"):
            raise UsageError("--cluster ray works on processors; leave out --device.")
        data, output = data.resolve(), None if output is None else output.resolve()
        weights, device = None if weights is None else weights.resolve(), "cpu"
    choice = BackboneChoice(
        name=backbone,
        layer=layer,
        weights=weights,
        normalisation=normalisation or default_normalisation(backbone),
        size=parse_sides(size),
    )
    folder = ClevrFolder(data)
    images = split_images(folder, split)
    place = features_place(folder, split, choice)
    shards = output if output is not None and format == "shards" else place
    source = Source(tuple(images), folder.images_dir(split), choice)
    shards.parent.mkdir(parents=True, exist_ok=True)
    with (
        ray_cluster(shards.parent) if cluster else nullcontext(),
        shown_progress(messages()) as progress,
    ):
        notes = extract(
            source,
            load_backbone(choice),
            shards,
            dtype=dtype,
            batch=batch_size,
            device=device or ("cuda" if torch.cuda.is_available() else "cpu"),
            overwrite=overwrite,
            progress=lambda done, total: progress("features", done, total),
        )
    path = shards
    if format == "hdf5":
        path = output or place.with_suffix(".h5")
        to_hdf5(ShardStore(shards), path, list(images.values()))
    elif format == "npy":
        path = output or place.with_name(f"{place.name}-npy")
        to_npy(ShardStore(shards), path)
    said = {"path": str(path), "images": len(images)} | {
        key: notes[key] for key in ("shape", "dtype", "source")
    }
    if json:
        print_json(said)
        return
    channels, height, width = notes["shape"]
    print(f"{path}: features of {len(images):,} images, {channels} channels of {height}x{width} cells")


def parse_sides(text: str) -> tuple[int, int]:
    """Height and width from text.

    Raises:
        UsageError: it is no size.

    Example:
        >>> parse_sides("224x224")
        (224, 224)
    """
    import re

    from visreason.errors import UsageError

    found = re.fullmatch(r"(\d{2,4})x(\d{2,4})", text)
    if found is None or min(int(found[1]), int(found[2])) < 32:
        raise UsageError(f"--size is HEIGHTxWIDTH in pixels, at least 32x32, such as 224x224; got {text!r}.")
    return int(found[1]), int(found[2])
