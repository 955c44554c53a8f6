"""`visreason generate-regions`: images of regions that only context can name, made to order."""

from pathlib import Path


def generate_regions(
    out: Path,
    *,
    split: str = "val",
    images: int = 1000,
    image_size: int = 128,
    clear: float = 0.3,
    rare: float = 0.2,
    hidden: float = 0.1,
    seed: int = 0,
    jobs: int | None = None,
    overwrite: bool = False,
    json: bool = False,
) -> None:
    """Make a region world: images with boxes in COCO's format that cannot be named by what is in them alone.

    Some regions need their neighbours to be named, some a graph of classes that is written beside them, some both;
    what each can tell at best is computed and written to world.json. The same command completes an interrupted
    folder; the same seed gives the same bytes, whatever --jobs. A folder takes several splits, one command each.

    Args:
        out: the folder; it is made where it is missing.
        split: the split's name, such as train or val; images of different splits differ.
        images: how many images, each of about ten regions.
        image_size: height and width of the images in pixels.
        clear: the share of leaves, seeds and boughs that are seen sharp, so that their look tells their tree.
        rare: the share of groves whose tree is a rare one.
        hidden: the share of groves whose tree itself is not in the image.
        seed: of everything.
        jobs: processes; by default one a core.
        overwrite: make the split anew, replacing its files; other files in the folder are left alone.
        json: print an object with the keys folder, split, images, regions and ceilings.

    Example:
        visreason generate-regions grove --split train --images 3000
    """
    from visreason.cli.tables import messages, print_json, print_table
    from visreason.data import region_world as worlds
    from visreason.data.progress import shown_progress
    from visreason.region_world.ceilings import GROUPS
    from visreason.region_world.scene import RegionDesign

    wanted = worlds.RegionSplit(split, images, image_size, seed, RegionDesign(clear, rare, hidden))
    console = messages()
    try:
        with shown_progress(console) as progress:
            made = worlds.generate_regions(out, wanted, jobs=jobs, overwrite=overwrite, progress=progress)
    except KeyboardInterrupt:
        again = " (without --overwrite)" if overwrite else ""
        console.print(f"{out} is not complete; the same command{again} goes on with it.")
        raise
    if json:
        counts = {"images": made.images, "regions": made.regions}
        print_json({"folder": str(out), "split": split, **counts, "ceilings": made.ceilings})
        return
    print(f"{out}, split {split}: {made.images:,} images, {made.regions:,} regions")
    print("What can be named rightly at best, by what is looked at (%):")
    shown = [group for group in GROUPS if group in made.ceilings["both"]]
    columns = [group if group in ("all", "rare") else f"needs {group}" for group in shown]
    print_table(
        ["observer", *columns],
        [
            [observer, *(f"{100 * accuracies[group]:.1f}" for group in shown)]
            for observer, accuracies in made.ceilings.items()
        ],
        right=columns,
    )
    print(f"Next: visreason doctor {out}")
