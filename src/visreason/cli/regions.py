"""`visreason regions`: names for the boxes of an image, in context, and why."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from visreason.data.images import Pixels
    from visreason.data.regions.box_file import BoxFile
    from visreason.data.regions.boxes import Boxes
    from visreason.trace.regions import NamedRegion, RegionsTrace

_LIKELY = 0.01
"""The table tells classes of at least this probability besides the label."""


def regions(
    model: str,
    image: Path,
    *,
    boxes: Path,
    top: int = 5,
    explain: Path | None = None,
    weights: Path | None = None,
    json: bool = False,
) -> None:
    """Name the given boxes of an image, all in the context of all.

    Args:
        model: a run, a checkpoint, a .safetensors file, or the name of a shipped model.
        image: the image.
        boxes: a .csv file of x,y,width,height (and a name, if known), a .json list [[x, y, width, height], …] or COCO's
            annotations, of which those of the image's name are taken.
        top: how many classes of each box, the label counted.
        explain: draw labels before and after, memory, attention and what moved the labels most into this .png file.
        weights: for a model that reads a backbone's features: the file of the backbone's weights.
        json: print an object with the keys family, regions, memory and cell.

    Example:
        visreason regions runs/region-full-quick kitchen.jpg --boxes kitchen.csv --explain kitchen_regions.png
    """
    import sys

    from visreason.cli.tables import print_json
    from visreason.data.regions.box_file import read_box_file
    from visreason.tasks.loading import load_any
    from visreason.tasks.region_asking import name_regions
    from visreason.trace.regions_drawing import check_png, draw_region_trace

    if explain is not None:
        check_png(explain)
    asked = load_any(model)
    if weights is not None:
        asked.meta["inputs"] = asked.meta["inputs"] | {"weights": str(weights)}
    given = read_box_file(boxes, image)
    pixels, placed, cut = _see(image, given)
    for row in cut:
        print(
            f"{given.boxes[row].where}: the box reaches over the image's edge and is cut there.",
            file=sys.stderr,
        )
    trace = name_regions(asked, pixels, placed, given=[one.name for one in given.boxes], top=top)
    if explain is not None:
        draw_region_trace(trace, explain, pixels)
    if json:
        print_json(trace.to_json())
        return
    _print(trace)
    if explain is not None:
        print(f"the reasoning: {explain}")


def _see(image: Path, given: "BoxFile") -> "tuple[Pixels, Boxes, tuple[int, ...]]":
    """The image in the size that the boxes were made on, and the boxes on it."""
    from visreason.data.images import load_image
    from visreason.data.regions.dataset import load_sized

    pixels = load_image(image) if given.size is None else load_sized(image, *given.size)
    placed, cut = given.place(pixels.shape[1], pixels.shape[0])
    return pixels, placed, cut


def _print(trace: "RegionsTrace") -> None:
    """A row a box."""
    from visreason.cli.tables import print_table

    file = any(region.given for region in trace.regions)
    columns = ["", "box", *(["file"] if file else []), *trace.names]
    columns += ["in the end", "probability", "or else", "moved most by"]
    if len(trace.names) == 1:  # there is no reasoning, the backbone has the last word
        columns.remove("backbone")
        columns.remove("moved most by")
    rows = []
    for region in trace.regions:
        said = [one.label for one in region.said] if len(trace.names) > 1 else []
        others = [f"{label} {_percent(p)}" for label, p in region.top[1:] if p >= _LIKELY]
        cells = [str(region.number), " ".join(f"{side:.0f}" for side in region.box)]
        cells += [region.given or ""] if file else []
        cells += [*said, region.label, _percent(region.probability), ", ".join(others)]
        cells += [_owed(region, trace)] if len(trace.names) > 1 else []
        rows.append(cells)
    print_table(columns, rows, right=["", "probability"])


def _owed(region: "NamedRegion", trace: "RegionsTrace") -> str:
    """What a label is owed to, in words."""
    from visreason.trace.regions_drawing import reason_of

    return reason_of(region, trace.regions)


def _percent(probability: float) -> str:
    return f"{100 * probability:.1f} %"
