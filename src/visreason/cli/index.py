"""`visreason index`: the features of many images, ready to be searched."""

from pathlib import Path
from typing import Literal


def index(
    model: str,
    images: Path,
    out: Path,
    *,
    split: str | None = None,
    layer: str | None = None,
    aggregation: Literal["mean", "max", "rmac"] | None = None,
    normalise: Literal["pairs", "vectors", "both", "none"] | None = None,
    backend: Literal["exact", "faiss"] = "exact",
    dtype: Literal["float32", "float16"] = "float32",
    weights: Path | None = None,
    size: str = "224x224",
    batch_size: int = 32,
    device: str | None = None,
    overwrite: bool = False,
    json: bool = False,
) -> None:
    """Index images by the relations of what they show, for `visreason search`.

    The same command completes an interrupted index. Images that cannot be read are named and left out. By default the
    features are the published ones of a two-stage Relation Network; see docs/retrieval.md.

    Args:
        model: a run, a checkpoint, a .safetensors file, the name of a shipped model, or of a frozen backbone.
        images: a folder of images, or a data folder in CLEVR's layout; a model that reads scene descriptions needs the
            latter, with scenes.
        out: the index's folder.
        split: of a data folder; by default its only one.
        layer: what the features are taken from: g0, g1, g2 ... are what the layers of a Relation Network's pair network
            read; aggregate: what a network that learns how to sum pairs makes of them; conv, stem: the cells of its or
            another model's convolutions; c2 to c5: a backbone's stages. By default the published one: aggregate or g2,
            else conv or stem; of a backbone c4.
        aggregation: over pairs or cells; rmac (regions' maxima) for cells only. By default mean.
        normalise: to length 1: each pair's vector, the whole vectors, both or none. By default both for pairs, none for
            cells, vectors for rmac.
        backend: how it will be searched: exact, or faiss (an extra) for very many images.
        dtype: of the numbers on disk.
        weights: for a backbone, or a model that reads one's features: the file of the backbone's weights.
        size: height and width that images are resized to, for a backbone.
        batch_size: images at a time.
        device: cpu or cuda; by default a GPU where there is one.
        overwrite: begin anew, and replace what is in the folder.
        json: print an object with the keys path, images, unreadable and settings.

    Example:
        visreason index runs/rn-pixels-ir CLEVR_v1.0 ir-index --split val
    """
    import sys

    from visreason.cli.features import parse_sides
    from visreason.cli.tables import messages, print_json
    from visreason.data.progress import shown_progress
    from visreason.errors import UsageError
    from visreason.retrieval.extractor import open_extractor
    from visreason.retrieval.gallery import open_gallery
    from visreason.retrieval.indexing import make_index

    if batch_size < 1:
        raise UsageError(f"--batch-size must be at least 1; got {batch_size}.")
    gallery = open_gallery(images, split)
    extract = open_extractor(
        model,
        layer=layer,
        aggregation=aggregation,
        normalise=normalise,
        weights=weights,
        size=parse_sides(size),
        device=device,
    )
    with shown_progress(messages()) as progress:
        made = make_index(
            extract,
            gallery,
            out,
            dtype=dtype,
            backend=backend,
            batch=batch_size,
            overwrite=overwrite,
            progress=lambda done, total: progress(extract.looks_at, done, total),
        )
    for reason in made.unreadable.values():
        print(f"left out: {reason}", file=sys.stderr)
    told = made.index.settings
    if json:
        print_json(
            {
                "path": str(out),
                "images": len(made.index),
                "unreadable": made.unreadable,
                "settings": told.to_dict(),
            }
        )
        return
    left = f", {len(made.unreadable):,} left out" if made.unreadable else ""
    how = f"layer {told.layer}, {told.aggregation}, normalised: {told.normalise}"
    print(f"{out}: {len(made.index):,} {extract.looks_at}{left}, {told.size} numbers each ({how})")
