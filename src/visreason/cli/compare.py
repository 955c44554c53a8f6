"""`visreason compare`: which of several models is better, and where do they differ?"""

from pathlib import Path


def compare(
    models: list[str],
    *,
    data: Path,
    split: str = "val",
    limit: int | None = None,
    output: Path | None = None,
    batch_size: int = 64,
    workers: int = 0,
    json: bool = False,
    overwrite: bool = False,
) -> None:
    """Ask models the same questions: paired tests, differences by question type, the questions that they answer
    otherwise.

    Differences are the second model's accuracy less the first's, in points, with 95 % intervals clustered by image;
    p is that of the exact McNemar test, on all questions adjusted for the number of pairs of models (Holm).

    Args:
        models: runs, checkpoints, .safetensors files, or names of shipped models; the others are held against the
            first. What they see may differ: pixels, features, states, or the question alone.
        data: a data folder in CLEVR v1.0 layout, with answers.
        split: of the data.
        limit: only so many questions, from the start of the file.
        output: folder for comparison.json, differences.jsonl (the questions to which not all gave the same answer) and
            comparison.png; without it nothing is written.
        batch_size: questions at once; the figures do not depend on it.
        workers: processes that load images.
        json: print what comparison.json holds.
        overwrite: write into an --output that holds something else.

    Example:
        visreason compare runs/rn-quick runs/question-only-quick --data CLEVR_v1.0 --output comparison
    """
    from visreason.cli.tables import messages, print_json, print_table
    from visreason.files import claim_output
    from visreason.tasks.comparing import FILES, compare_models

    console = messages()
    if output is not None:
        claim_output(output, FILES, overwrite=overwrite)
    found = compare_models(
        models,
        data,
        split,
        console=console,
        limit=limit,
        batch_size=batch_size,
        workers=workers,
    )
    files = [] if output is None else found.write(output)
    if json:
        print_json(found.to_dict())
    else:
        columns = found.columns()
        print_table(columns, found.table(), right=["questions", "p"], title=f"{data}, {split}")
        print(f"{len(found.differences):,} questions are not answered alike by all.")
    if files:
        console.print("wrote " + ", ".join(map(str, files)), soft_wrap=True)
