"""`visreason test`: how right is a model?"""

from pathlib import Path


def test(
    model: str,
    *,
    data: Path | None = None,
    split: str | None = None,
    limit: int | None = None,
    counterfactuals: bool = False,
    answers: Path | None = None,
    output: Path | None = None,
    batch_size: int = 64,
    workers: int = 0,
    json: bool = False,
    overwrite: bool = False,
) -> None:
    """Measure accuracy overall and by question type, and boxes, with 95 % intervals; count invalid answers.

    Writes metrics.json, results.csv, predictions.jsonl and confusion.png.

    Args:
        model: a run, a checkpoint, a .safetensors file, or the name of a shipped model.
        data: a data folder in CLEVR v1.0 layout; without it the data that the model was trained with is
            used, in the split that it was not trained on.
        split: of the data; by default val.
        limit: measure only so many questions, from the start of the file.
        counterfactuals: ask the split's minimal pairs too, and say how consistently the model answers them;
            `generate --counterfactuals` makes them, and the embedded world gets them now.
        answers: measure nothing; write the model's answers into this file, one a line in the order of the questions,
            as CLEVR's authors score them. The split, by default test, needs no true answers; --data must be given.
        output: folder of the results; by default the run's results, or results/MODEL.
        batch_size: questions at once; the figures do not depend on it.
        workers: processes that load images.
        json: print what metrics.json holds.
        overwrite: write into an --output that holds something else.

    Example:
        visreason test runs/rn-quick --data CLEVR_v1.0 --split val
    """
    from rich.console import Console

    from visreason.cli.tables import print_json, print_table
    from visreason.errors import UsageError
    from visreason.files import claim_output
    from visreason.tasks.answer_file import write_answers
    from visreason.tasks.reports import FILES
    from visreason.tasks.testing import run_test
    from visreason.zoo.model_list import SHIPPED

    console = Console(stderr=True)
    if answers is not None:
        if data is None or counterfactuals or json or output is not None:
            raise UsageError(
                "--answers FILE needs --data, and goes with --split, --limit and loading options only."
            )
        if answers.exists() and not overwrite:
            raise UsageError(f"{answers} exists. Give another file, or --overwrite.")
        count = write_answers(
            model,
            data,
            split or "test",
            answers,
            console,
            limit=limit,
            batch_size=batch_size,
            workers=workers,
            shipped=SHIPPED,
        )
        print(f"{answers}: {count:,} answers")
        return
    if output is not None:
        claim_output(output, FILES, overwrite=overwrite)
    tested = run_test(
        model,
        data,
        split,
        console=console,
        limit=limit,
        counterfactuals=counterfactuals,
        batch_size=batch_size,
        workers=workers,
        shipped=SHIPPED,
    )
    files = tested.report.write(output or tested.folder)
    if json:
        print_json(tested.report.to_dict())
    else:
        subject = tested.report.subject
        title = f"{subject.model} on {subject.data}, {subject.split}"
        print_table(["", "95 % interval", "samples"], tested.report.table(), right=["samples"], title=title)
    console.print("wrote " + ", ".join(map(str, files)), highlight=False, soft_wrap=True)
