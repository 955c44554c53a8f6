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
    renderer: Literal["raycast", "mitsuba"] = "raycast",
    masks: bool = False,
    only: list[str] | None = None,
    templates: list[str] | None = None,
    seed: int = 0,
    jobs: int | None = None,
    cluster: Literal["ray"] | None = None,
    compress: bool = False,
    overwrite: bool = False,
    json: bool = False,
) -> None:
    """Make a world in CLEVR v1.0's format: scenes, questions with programs and answers, images.

    The same command completes an interrupted folder, and with more --scenes makes a finished one longer, or
    adds images, masks, expressions or captions that it lacks; the same seed gives the same bytes, whatever
    --jobs and --cluster. A folder takes several splits, one command each.

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
        renderer: what draws the images: raycast, or mitsuba for photoreal ones (pip install 'visreason[mitsuba]';
            some 3 processor seconds each at CLEVR's size, ten times the ray-caster's). Masks and boxes are the same.
        masks: write images of instance ids to masks/SPLIT too (0 is the floor, i + 1 the scene's object i).
        only: a split rule; several hold together. Rules are cogent=A, objects=3-6, families=0-8,39,
            families!=39, 'depth<=4', 'pairs!=red+cube,blue+metal', 'relations!=left+red' and, for the other
            side of a split, pairs=red+cube, relations=left+red.
        templates: a folder of question templates in CLEVR's format, or own for ours, which are asked where nothing is
            said; several ask --questions-per-scene each of every scene (--templates own --templates DIR).
        seed: of scenes and questions.
        jobs: processes; by default one a core.
        cluster: spread the work over the Ray cluster of RAY_ADDRESS, or one made now on this machine; all its
            machines have to see the folder.
        compress: store scenes, questions and captions as .json.gz, which every verb reads as well.
        overwrite: make the split anew, replacing its files; other files in the folder are left alone.
        json: print an object with the keys folder, split, scenes, questions, refexps, captions, images, masks,
            counterfactuals and renderer.

    Example:
        visreason generate world --split val --scenes 100
    """
    from contextlib import nullcontext

    from visreason.clevr.rules import Rules
    from visreason.cli.tables import messages, print_json
    from visreason.data.cluster import ray_cluster
    from visreason.data.progress import shown_progress
    from visreason.data.world import generate_world
    from visreason.data.world_counterfactuals import CounterfactualSplit, make_counterfactuals
    from visreason.data.world_split import OWN, WorldSplit

    console = messages()
    wanted = WorldSplit(
        split=split,
        scenes=scenes,
        questions_per_scene=questions_per_scene,
        refexps_per_scene=refexps_per_scene,
        captions_per_scene=captions_per_scene,
        image_size=parse_size(image_size),
        images=not no_images,
        masks=masks,
        templates=tuple(None if name == OWN else Path(name) for name in templates or (OWN,)),
        seed=seed,
        only=Rules.parse(only or ()),
        renderer=renderer,
    )
    edited, pairs = CounterfactualSplit(wanted, counterfactuals) if counterfactuals else None, 0
    out = out.resolve() if cluster else out  # the cluster's machines work in folders of their own
    try:
        with ray_cluster(out, jobs) if cluster else nullcontext(), shown_progress(console) as progress:
            made = generate_world(
                out, wanted, jobs=jobs, compress=compress, overwrite=overwrite, progress=progress
            )
            if edited is not None:
                pairs = make_counterfactuals(
                    out, edited, jobs=jobs, compress=compress, overwrite=overwrite, progress=progress
                )
    except KeyboardInterrupt:
        again = " (without --overwrite)" if overwrite else ""
        console.print(f"{out} is not complete; the same command{again} goes on with it.")
        raise
    counts = made.counts() | {"counterfactuals": pairs}
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
