"""`visreason merge`: several data folders as one."""

from pathlib import Path


def merge(
    out: Path,
    data: list[Path],
    *,
    split: str = "train",
    overwrite: bool = False,
    json: bool = False,
) -> None:
    """Put a split of several data folders together, to train on all of them.

    Args:
        out: the folder to make, in CLEVR v1.0 layout; further splits may be merged into it.
        data: two or more data folders in CLEVR v1.0 layout, real or generated.
        split: of each folder. Images are linked where the disk can, so they take no room.
        overwrite: replace the split where it is there.
        json: print an object with the keys folder, split, counts (kind to number: scenes, questions, referring,
            captions, images, masks), left_out (kinds that some folders lack) and repeated (scenes that came before).

    Example:
        visreason merge both worlds/seed_1 worlds/seed_2 --split train
    """
    from dataclasses import asdict

    from visreason.cli.tables import messages, print_json
    from visreason.data.merging import merge_folders

    with messages().status(f"putting {len(data)} folders together"):
        merged = merge_folders(data, out, split, overwrite=overwrite)
    if json:
        print_json({"folder": str(out), "split": split} | asdict(merged))
        return
    print(f"{out}, split {split}: {', '.join(f'{count:,} {kind}' for kind, count in merged.counts.items())}")
    if merged.left_out:
        print(f"Left out, as some of the folders lack them: {', '.join(merged.left_out)}.")
    if merged.repeated:
        print(f"{merged.repeated:,} scenes came before: are two of the folders of one seed?")
    print(f"Next: visreason doctor {out} · visreason train RECIPE --data {out}")
