"""`visreason test`: how right is a model?"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from visreason.errors import UsageError

if TYPE_CHECKING:
    from rich.console import Console

    from visreason.tasks.reports import Report
    from visreason.tasks.team import Team


def test(
    model: str,
    *,
    data: Path | None = None,
    split: str | None = None,
    limit: int | None = None,
    counterfactuals: bool = False,
    attribute: bool = False,
    answers: Path | None = None,
    drop_regions: float | None = None,
    predictions: Path | None = None,
    output: Path | None = None,
    batch_size: int = 64,
    workers: int = 0,
    devices: int = 1,
    nodes: int = 1,
    accelerator: Literal["auto", "cpu", "gpu"] = "auto",
    seed: int = 0,
    json: bool = False,
    overwrite: bool = False,
) -> None:
    """Measure accuracy overall and by question type, boxes, and names of regions, with 95 % intervals.

    Writes metrics.json, results.csv, predictions.jsonl and, of answers, confusion.png or, of regions, predictions.npz.

    Args:
        model: a run, a checkpoint, a .safetensors file, or the name of a shipped model.
        data: a data folder in CLEVR v1.0 layout or, for a model that names regions, images with boxes; without it
            the data that the model was trained with is used, in the split that it was not trained on.
        split: of the data; by default val.
        limit: measure only so many questions, or images with boxes, from the start of the file.
        counterfactuals: ask the split's minimal pairs too, and say how consistently the model answers them;
            `generate --counterfactuals` makes them, and the embedded world gets them now.
        attribute: say at which step of reasoning each wrong answer went wrong, and write attribution.json and the
            gallery why.html too; needs scenes, and questions with programs.
        answers: measure nothing; write the model's answers into this file, one a line in the order of the questions,
            as CLEVR's authors score them. The split, by default test, needs no true answers; --data must be given.
        drop_regions: do not show the model this fraction of the regions, 0 to 1, drawn by --seed; with --predictions
            leave them out of the score alone.
        predictions: ask nothing; score the predictions.npz of a former test of this model again, which needs no data.
        output: folder of the results; by default the run's results, or results/MODEL.
        batch_size: questions, or images with boxes, at once; the figures do not depend on it.
        workers: processes that load images, of each device.
        devices: GPUs a machine, or with --accelerator cpu processes, that share the work; the figures do not depend
            on it.
        nodes: machines that share it, each with so many devices; see docs/scaling.md.
        accelerator: auto takes a GPU where there is one.
        seed: of the regions that are dropped.
        json: print what metrics.json holds.
        overwrite: write into an --output that holds something else.

    Example:
        visreason test runs/rn-quick --data CLEVR_v1.0 --split val
    """
    from visreason.cli.tables import messages
    from visreason.files import claim_output
    from visreason.tasks.reports import FILES
    from visreason.tasks.team import Team
    from visreason.tasks.testing import run_test

    team = Team(devices, nodes, accelerator)
    console = messages(quiet=not team.is_first)
    if output is not None and answers is None and team.is_first:
        claim_output(output, FILES, overwrite=overwrite)
    if answers is not None:
        if data is None or counterfactuals or attribute or json or output is not None:
            raise UsageError(
                "--answers FILE needs --data, and goes with --split, --limit and loading options only."
            )
        if answers.exists() and not overwrite and team.is_first:
            raise UsageError(f"{answers} exists. Give another file, or --overwrite.")
        loading = {"batch_size": batch_size, "workers": workers}
        _answer(model, data, split or "test", answers, console, team, limit=limit, **loading)
        return
    if predictions is not None:
        given = (data, split, limit)
        if any(one is not None for one in given) or counterfactuals or attribute or not team.alone:
            raise UsageError("--predictions FILE goes with --drop-regions, --seed, --output and --json only.")
        _score(model, predictions, output, console, dropped=drop_regions or 0.0, seed=seed, json=json)
        return
    tested = run_test(
        model,
        data,
        split,
        console=console,
        limit=limit,
        counterfactuals=counterfactuals,
        attribute=attribute,
        drop_regions=drop_regions,
        seed=seed,
        batch_size=batch_size,
        workers=workers,
        team=team,
    )
    files = tested.report.write(output or tested.folder)
    if tested.why is not None:
        files += tested.why.write(output or tested.folder)
    _print(tested.report, json=json)
    _tell(files, console)


def _answer(
    model: str,
    data: Path,
    split: str,
    file: Path,
    console: "Console",
    team: "Team",
    *,
    limit: int | None,
    batch_size: int,
    workers: int,
) -> None:
    """Write what the model answers."""
    from visreason.tasks.answer_file import write_answers

    count = write_answers(
        model,
        data,
        split,
        file,
        console,
        limit=limit,
        batch_size=batch_size,
        workers=workers,
        team=team,
    )
    print(f"{file}: {count:,} answers")


def _score(
    model: str,
    file: Path,
    output: Path | None,
    console: "Console",
    *,
    dropped: float,
    seed: int,
    json: bool,
) -> None:
    """Score what a former test has saved."""
    from visreason.tasks.region_testing import score_again

    again = score_again(model, file, dropped=dropped, seed=seed)
    if output is not None:
        _tell(again.write(output), console)
    _print(again, json=json)


def _tell(files: Sequence[Path], console: "Console") -> None:
    """Name what was written."""
    console.print("wrote " + ", ".join(map(str, files)), soft_wrap=True)


def _print(report: "Report", *, json: bool) -> None:
    """Print a report, as a table or as `metrics.json` holds it."""
    from visreason.cli.tables import print_json, print_table

    if json:
        print_json(report.to_dict())
        return
    subject = report.subject
    title = f"{subject.model} on {subject.data}, {subject.split}"
    print_table(["", "95 % interval", "samples"], report.table(), right=["samples"], title=title)
