"""`visreason locate`: one expression, one box, and why."""

from pathlib import Path


def locate(
    model: str,
    image: Path,
    expression: str,
    *,
    explain: Path | None = None,
    weights: Path | None = None,
    json: bool = False,
) -> None:
    """Find what an expression refers to in an image.

    Args:
        model: a run, a checkpoint, a .safetensors file, or the name of a shipped model.
        image: the image.
        expression: such as "the red thing left of the cube", in the words that the model knows.
        explain: draw box and reasoning into this .png or .html file.
        weights: for a model that reads a backbone's features: the file of the backbone's weights.
        json: print an object with the keys box, probability and trace; the box is [x, y, width, height] in pixels.

    Example:
        visreason locate runs/snmn-loc-quick CLEVR_val_000000.png "the small red cube" --explain box.png
    """
    from visreason.cli.tables import print_json
    from visreason.data.images import load_image
    from visreason.tasks.loading import load_any
    from visreason.tasks.locating import locate_model, mark_box
    from visreason.trace.drawing import check_format, draw_trace

    if explain is not None:
        check_format(explain)
    asked = load_any(model)
    if weights is not None:
        asked.meta["inputs"] = asked.meta["inputs"] | {"weights": str(weights)}
    pixels = load_image(image)
    found = locate_model(asked, expression, pixels)
    if explain is not None:
        draw_trace(found.trace, explain, mark_box(pixels, found.box))
    if json:
        print_json(found.to_dict())
        return
    x, y, width, height = found.box
    sure = f"{100 * found.probability:.1f} % sure of the place"
    print(f"x {x:.1f}, y {y:.1f}, width {width:.1f}, height {height:.1f} ({sure})")
    if explain is not None:
        print(f"the reasoning: {explain}")
