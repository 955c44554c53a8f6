"""`visreason generate-sort-of-clevr`: the field's unit test for relational networks, made to order."""

from pathlib import Path


def generate_sort_of_clevr(
    out: Path,
    *,
    split: str = "val",
    scenes: int = 200,
    questions_per_scene: int = 10,
    arrays: bool = False,
    from_arrays: Path | None = None,
    seed: int = 0,
    overwrite: bool = False,
    json: bool = False,
) -> None:
    """Make a Sort-of-CLEVR world: images of six flat shapes, relational and non-relational questions, answers.

    The folder is in CLEVR's layout, so that train, test and ask read it as any other. The same command completes
    an interrupted folder; the same seed gives the same bytes. The public data has 9,800 scenes to train on and 200
    to test on.

    Args:
        out: the folder; it is made where it is missing.
        split: the split's name, such as train or val; scenes of different splits differ.
        scenes: how many scenes.
        questions_per_scene: relational questions about each scene, and as many non-relational ones; at most 18.
        arrays: write the split in the public form too: arrays/sort_of_clevr_SPLIT.npz with images, questions of 11
            bits and answers.
        from_arrays: take images, questions and answers from such an .npz instead of making them; how many, the file
            says.
        seed: of scenes and questions.
        overwrite: make the split anew, replacing its files; other files in the folder are left alone.
        json: print an object with the keys folder, split, scenes, questions and images.

    Example:
        visreason generate-sort-of-clevr flat --split train --scenes 9800
    """
    from visreason.cli.tables import messages, print_json
    from visreason.data import sort_of_clevr as worlds
    from visreason.data.progress import shown_progress
    from visreason.errors import UsageError

    wanted: worlds.SortOfClevrSplit | worlds.ImportedSplit
    if from_arrays is not None and arrays:
        raise UsageError("--from-arrays reads the public form and --arrays writes it; give one of them.")
    if from_arrays is not None:
        wanted = worlds.ImportedSplit.read(split, from_arrays)
    else:
        wanted = worlds.SortOfClevrSplit(split, scenes, questions_per_scene, seed, arrays)
    console = messages()
    try:
        with shown_progress(console) as progress:
            made = worlds.generate_sort_of_clevr(out, wanted, overwrite=overwrite, progress=progress)
    except KeyboardInterrupt:
        again = " (without --overwrite)" if overwrite else ""
        console.print(f"{out} is not complete; the same command{again} goes on with it.")
        raise
    counts = {"scenes": made.scenes, "questions": made.questions, "images": made.images}
    if json:
        print_json({"folder": str(out), "split": split, **counts})
    else:
        print(f"{out}, split {split}: {', '.join(f'{count:,} {name}' for name, count in counts.items())}")
        check = "" if from_arrays is not None else f"visreason answer {out} --split {split} · "
        print(f"Next: {check}visreason train rn-sort-of-clevr")
