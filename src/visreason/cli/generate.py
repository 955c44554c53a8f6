"""`visreason generate`: a CLEVR world, made to order."""

from pathlib import Path
from typing import Literal


def generate(
    out: Path,
    *,
    split: str = "val",
    scenes: int = 1000,
    questions_per_scene: int = 10,
    refexps_per_scene: int = 0,
    captions_per_scene: int = 0,
    counterfactuals: int = 0,
    image_size: str = "480x320",
    no_images: bool = False,
    renderer: Literal["raycast"] = "raycast",
    masks: bool = False,
    templates: Path | None = None,
    seed: int = 0,
    jobs: int | None = None,
    overwrite: bool = False,
    json: bool = False,
) -> None:
    """Make a world in CLEVR v1.0's format: scenes, questions with programs and answers, images.

    The same command completes an interrupted folder; the same seed gives the same bytes, whatever --jobs. A
    folder takes several splits, one command each.

    Args:
        out: the folder; it is made where it is missing.
        split: the split's name, such as train, val or test; scenes of different splits differ.
        scenes: how many scenes.
        questions_per_scene: questions about each scene.
        refexps_per_scene: expressions that refer to one object of each scene, with its box on the image.
        captions_per_scene: true statements about each scene, for retrieval.
        counterfactuals: minimal pairs of each scene, in the split cf_SPLIT: the scene with one object edited,
            and a question whose answer then changes, or must not.
        image_size: width and height of the images in pixels.
        no_images: make scenes and questions only.
        renderer: what draws the images.
        masks: write images of instance ids to masks/SPLIT too (0 is the floor, i + 1 the scene's object i).
        templates: a folder of question templates in CLEVR's format; without it our own are asked.
        seed: of scenes and questions.
        jobs: processes; by default one a core.
        overwrite: make the split anew, replacing its files; other files in the folder are left alone.
        json: print an object with the keys folder, split, scenes, questions, refexps, captions, images, masks,
            counterfactuals and renderer.

    Example:
        visreason generate world --split val --scenes 100
    """
    from rich.console import Console

    from visreason.cli.tables import print_json
    from visreason.data.progress import shown_progress
    from visreason.data.world import generate_world
    from visreason.data.world_counterfactuals import CounterfactualSplit, make_counterfactuals
    from visreason.data.world_split import WorldSplit

    console = Console(stderr=True)
    wanted = WorldSplit(
        split=split,
        scenes=scenes,
        questions_per_scene=questions_per_scene,
        refexps_per_scene=refexps_per_scene,
        captions_per_scene=captions_per_scene,
        image_size=parse_size(image_size),
        images=not no_images,
        masks=masks,
        templates=templates,
        seed=seed,
    )
    edited, pairs = CounterfactualSplit(wanted, counterfactuals) if counterfactuals else None, 0
    try:
        with shown_progress(console) as progress:
            made = generate_world(out, wanted, jobs=jobs, overwrite=overwrite, progress=progress)
            if edited is not None:
                pairs = make_counterfactuals(out, edited, jobs=jobs, overwrite=overwrite, progress=progress)
    except KeyboardInterrupt:
        again = " (without --overwrite)" if overwrite else ""
        console.print(f"{out} is not complete; the same command{again} goes on with it.", highlight=False)
        raise
    kinds = ("scenes", "questions", "refexps", "captions", "images", "masks")
    counts = {kind: getattr(made, kind) for kind in kinds} | {"counterfactuals": pairs}
    if json:
        print_json({"folder": str(out), "split": split, **counts, "renderer": renderer})
    else:
        names = {"refexps": "referring expressions", "counterfactuals": "minimal pairs"}
        said = ", ".join(f"{count:,} {names.get(kind, kind)}" for kind, count in counts.items() if count)
        print(f"{out}, split {split}: {said}")
        print(f"Next: visreason answer {out} --split {split} · visreason doctor {out}")


def parse_size(text: str) -> tuple[int, int]:
    """Width and height from text.

    Raises:
        UsageError: it is no size.

    Example:
        >>> parse_size("480x320")
        (480, 320)
    """
    import re

    from visreason.errors import UsageError

    found = re.fullmatch(r"(\d{1,6})x(\d{1,6})", text)
    if found is None:
        raise UsageError(f"--image-size is WIDTHxHEIGHT in pixels, such as 480x320; got {text!r}.")
    return int(found[1]), int(found[2])
