"""The ledger's tables of models: scores, training, question types, real images, split rules, minimal pairs, seeds."""

from collections.abc import Iterator, Sequence

from visreason.metrics.accuracy import QUESTION_GROUPS
from visreason.zoo.data_words import described, tested_command
from visreason.zoo.markdown import table
from visreason.zoo.record import WORDS, Measured, Record

_REGIONS = {
    "per_instance_ap.overall": "AP, regions",
    "per_instance_ac.overall": "AC, regions",
    "per_class_ap.overall": "AP, classes",
    "per_class_ac.overall": "AC, classes",
}
_PAIRS = "counterfactual."


def model_tables(records: Sequence[Record], shipped: Sequence[str]) -> list[str]:
    """The lines of all tables of models.

    Args:
        records: in the order of the tables.
        shipped: names that have a page of their own.
    """
    if not records:
        return []
    names = {
        one.name: f"[{one.name}](models/{one.name}.md)" if one.name in shipped else one.name
        for one in records
    }
    return [
        *_scores(records, names),
        *_runs(records, names),
        *_types(records, names),
        *_real(records, names),
        *_rules(records, names),
        *_pairs(records, names),
        *_seeds(records, names),
        *_tested_on(records),
    ]


def _first(record: Record) -> Measured:
    """The test that stands for a record."""
    return record.of_role("generated")[0]


def _scores(records: Sequence[Record], names: dict[str, str]) -> list[str]:
    """Models first; quick recipes, of which nothing is published, by themselves."""
    quick = [one for one in records if "quick" in one.recipe.split("-") and names[one.name] == one.name]
    rows = [
        [
            names[record.name],
            record.published or "",
            words,
            score,
            "" if record.goal is None or place else f"{100 * record.goal:.1f} %",
            *counts,
        ]
        for record in records
        if record not in quick
        for place, (words, score, *counts) in enumerate(_headlines(record))
    ]
    columns = ["model", "published", "figure", "ours, unseen data", "goal", "samples", "seeds"]
    note = [
        "Linked models ship: their pages have every figure. † The best epoch was chosen by its score on these data."
    ]
    lines = ["", "## Models", "", *note, *table(columns, rows)]
    if quick:
        rows = [[record.name, *headline] for record in quick for headline in _headlines(record)]
        lines += ["### Quick recipes", *table(["model", *columns[2:4], *columns[5:]], rows)]
    return lines


def _headlines(record: Record) -> Iterator[list[str]]:
    """What was measured, the value, and on how many samples and seeds."""
    test = _first(record)
    for figure in record.headlines:
        value = str(test.spread(figure)) + (" †" if test.chose else "")
        yield [WORDS[figure], value, f"{test.count(figure):,}", str(len(record.runs))]


def _runs(records: Sequence[Record], names: dict[str, str]) -> list[str]:
    rows = []
    for record in records:
        commits = dict.fromkeys(commit or "not recorded" for run in record.runs for commit in run.commits)
        devices = dict.fromkeys(device for run in record.runs for device in run.devices)
        epochs = ", ".join(str(run.epochs) for run in record.runs)
        rows.append(
            [
                names[record.name],
                f"`{record.command}`",
                f"`{record.recipe_hash}`",
                ", ".join(commits),
                ", ".join(devices),
                f"{sum(run.hours for run in record.runs):.2f}",
                f"{epochs} of {record.planned_epochs}",
            ]
        )
    columns = ["model", "command", "recipe", "commit", "device", "hours", "epochs"]
    return ["### How they were trained", *table(columns, rows)]


def _types(records: Sequence[Record], names: dict[str, str]) -> list[str]:
    """Accuracy of the literature's groups of questions, of kinds of expressions, and the figures of regions."""
    lines = ["## By question type"]
    groups = {f"accuracy.by_group.{name}": name.replace("_", " ") for name in QUESTION_GROUPS}
    kinds = {
        figure: figure.rpartition(".")[2].replace("_", " ")
        for record in records
        for figure in _first(record).figures
        if figure.startswith("iou50.by_type.")
    }
    for head, figures in (("", groups), ("Boxes at IoU 0.5:", kinds), ("Regions:", _REGIONS)):
        known = [record for record in records if figures.keys() & _first(record).figures.keys()]
        used = {
            figure: words
            for figure, words in figures.items()
            if any(figure in _first(record).figures for record in known)
        }
        rows = [[names[record.name], *(_cell(_first(record), figure) for figure in used)] for record in known]
        if rows:
            lines += ["", head, *table(["model", *used.values()], rows)]
    return lines


def _cell(test: Measured, figure: str) -> str:
    """A figure of a test, or nothing where it was not measured."""
    return str(test.spread(figure)) if figure in test.figures else ""


def _real(records: Sequence[Record], names: dict[str, str]) -> list[str]:
    rows = []
    for record, test in _of_role(records, "real"):
        figure = record.headlines[0]
        ours, theirs = _first(record).spread(figure), test.spread(figure)
        fall = f"{100 * (theirs.mean - ours.mean):+.1f}".replace("-", "−")
        rows.append(
            [
                names[record.name],
                str(ours),
                str(theirs),
                fall,
                f"{test.data}, {test.split}",
                f"{test.count(figure):,}",
            ]
        )
    columns = ["model", "generated", "real", "points", "real data", "samples"]
    text = "The same weights, without any fine-tuning, on images of CLEVR v1.0."
    return ["## From generated to real", "", text, *table(columns, rows)] if rows else []


def _rules(records: Sequence[Record], names: dict[str, str]) -> list[str]:
    rows = []
    for record, test in _of_role(records, "rules"):
        figure, made = record.headlines[0], record.training["made"] or {}
        seen = ", ".join(made.get("only") or ()) or "no rules"
        rules = ", ".join((test.made or {}).get("only") or ()) or "no rules"
        rows.append(
            [names[record.name], seen, str(_first(record).spread(figure)), rules, str(test.spread(figure))]
        )
    columns = ["model", "trained on", "there", "tested on", "here"]
    return ["## Split rules", *table(columns, rows)] if rows else []


def _pairs(records: Sequence[Record], names: dict[str, str]) -> list[str]:
    """Counterfactual consistency, where minimal pairs were asked."""
    known = [record for record in records if f"{_PAIRS}both_right" in _first(record).figures]
    figures = {
        name: name.removeprefix(_PAIRS).replace("_", " ")
        for record in known
        for name in _first(record).figures
        if name.startswith(_PAIRS) and ".by_edit." not in name
    }
    rows = [
        [
            names[one.name],
            *(_cell(_first(one), name) for name in figures),
            f"{_first(one).count(f'{_PAIRS}both_right'):,}",
        ]
        for one in known
    ]
    text = "[Minimal pairs](counterfactuals.md): one object is edited, and the answer changes or must not."
    return (
        ["## Counterfactual consistency", "", text, *table(["model", *figures.values(), "pairs"], rows)]
        if rows
        else []
    )


def _seeds(records: Sequence[Record], names: dict[str, str]) -> list[str]:
    rows = []
    for record in records:
        if len(record.runs) > 1:
            figure = record.headlines[0]
            each = [f"{100 * one.value:.1f}" for one in _first(record).figures[figure]]
            told = ", ".join(f"{run.seed}: {value}" for run, value in zip(record.runs, each, strict=True))
            rows.append([names[record.name], WORDS[figure], told, str(_first(record).spread(figure))])
    columns = ["model", "figure", "each seed, %", "mean ± standard deviation"]
    return ["## Several seeds", *table(columns, rows)] if rows else []


def _tested_on(records: Sequence[Record]) -> list[str]:
    """The data sets of all tests and the commands that make them."""
    tests = [test for record in records for test in record.tests]
    found = {
        (test.data, test.split): (described(test.data, test.split, test.made), tested_command(test))
        for test in sorted(tests, key=lambda test: test.pairs)  # one command makes what all of them ask
    }
    rows = [
        [
            words,
            f"`{command}`"
            if command
            else "the recipe's own"
            if data == "generated world"
            else "not generated",
        ]
        for (data, _), (words, command) in found.items()
    ]
    return ["### What they were tested on", *table(["data", "made by"], rows)]


def _of_role(records: Sequence[Record], role: str) -> Iterator[tuple[Record, Measured]]:
    """Every test of a role with its record."""
    for record in records:
        for test in record.tests:
            if test.role == role:
                yield record, test
