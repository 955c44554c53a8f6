"""A shipped model's card as a page: `docs/models/NAME.md`."""

from collections.abc import Iterator

from visreason.zoo.card import Card
from visreason.zoo.data_words import described, made_command, tested_command
from visreason.zoo.markdown import page, table
from visreason.zoo.record import WORDS, Measured, Record, TrainedRun

_ROLES = {
    "generated": "unseen generated data",
    "real": "real images",
    "rules": "another side of a split rule",
}

_LEFT_OUT = (".by_answer_class.", ".by_edit.")
"""Views of the same figures that the record alone has."""

_GROUPS = {
    "overall": "",
    "by_type": "",
    "by_group": "all ",
    "by_prediction": "",
    "by_attribute": "",
    "by_frequency": "",
}
"""Parts of the names of figures that go without saying, or nearly."""

_USES = {
    "answering": 'visreason ask {name} {image} "{question}" --explain why.png',
    "locating": 'visreason locate {name} {image} "the red cube" --explain where.png',
    "joint": 'visreason ask {name} {image} "{question}" --explain why.png',
    "regions": "visreason regions {name} {image} --boxes FILE --explain why.png",
}
_QUESTIONS = {"sort-of-clevr": "What is the shape of the red object?"}
"""What can be asked in the smaller worlds."""


def draw_card(card: Card) -> str:
    """The page of a card.

    Args:
        card: of a shipped model.
    """
    record = card.record
    lines = [f"# {record.name}", "", card.use, "", *_example(record), *_facts(card)]
    lines += [f"* {limit}" for limit in card.limits]
    lines += ["", record.note or "", "", "## Scores"]
    for test in record.tests:
        lines += _scores(record, test)
    lines += ["## Training", *_training(record), "## Again", "", "```", *_again(record), "```"]
    return page(lines)


def _example(record: Record) -> list[str]:
    """A command to begin with."""
    image = "IMAGE.png" if record.reads in ("pixels", "regions") else "DATA/images/val/CLEVR_val_000000.png"
    world = (record.training["made"] or {}).get("kind", "")
    question = _QUESTIONS.get(world, "How many red cubes are there?")
    return ["```", _USES[record.task].format(name=record.name, image=image, question=question), "```"]


def _facts(card: Card) -> list[str]:
    """What the model is, and of what."""
    record = card.record
    made = record.training
    rows = {
        "family": record.family,
        "reads": record.reads,
        "parameters": f"{record.parameters:,}",
        "file": f"{card.size / 1e6:.1f} MB, matrices in {card.dtype}, sha256 `{card.sha256}`",
        "recipe": f"`{record.recipe}`, hash `{record.recipe_hash}`{_changed(record)}",
        "trained on": described(**made),
        "published": record.published or "",
        "goal": "" if record.goal is None else f"{100 * record.goal:.1f} %",
        "licence": card.licence,
    }
    return [*table(["", ""], [list(row) for row in rows.items()]), "## Limits", ""]


def _changed(record: Record) -> str:
    """How the recipe differs from the shipped one of its name, unless that is none."""
    if not record.changes or record.command.split()[2].endswith(".yaml"):
        return ""
    return " with " + ", ".join(f"`{name}: {value}`" for name, value in record.changes.items())


def _scores(record: Record, test: Measured) -> list[str]:
    """All figures of a test."""
    told = f"### {_ROLES[test.role].capitalize()}: {test.data}, {test.split}"
    chosen = ["", "The epoch was chosen by its score on these."] if test.chose else []
    rows = [
        [_figure(name), str(test.spread(name)), f"{test.count(name):,}"]
        for name in test.figures
        if not any(view in name for view in _LEFT_OUT)
    ]
    return ["", told, *chosen, *table(["figure", "value (95 % interval)", "samples"], rows)]


def _figure(name: str) -> str:
    """A figure's name in words."""
    if name in WORDS:
        return WORDS[name]
    what, *rest = name.split(".")
    words = "".join(_GROUPS.get(part, part) for part in rest)
    return ", ".join(part.replace("_", " ") for part in (what, words) if part)


def _training(record: Record) -> list[str]:
    """How each run was trained."""
    columns = ["seed", "steps", "epochs", "hours", "device", "threads", "commit", "visreason", "begun"]
    lines = table(columns, (_run(run, record.planned_epochs) for run in record.runs))
    for run in record.runs:
        points = ", ".join(f"{epoch}: {100 * score:.1f} %" for epoch, score in run.curve)
        lines += [f"Validation of seed {run.seed} after epochs {points}.", ""]
    return lines


def _run(run: TrainedRun, planned: int) -> list[str]:
    """A run's row."""
    commits = ", ".join(commit or "not recorded" for commit in run.commits)
    done = [str(run.seed), f"{run.steps:,}", f"{run.epochs} of {planned}", f"{run.hours:.2f}"]
    return [*done, ", ".join(run.devices), str(run.threads), commits, run.version, run.began]


def _again(record: Record) -> Iterator[str]:
    """The commands that make the model and its scores again."""
    made = record.training
    if (command := made_command(made["data"], made["split"], made["made"])) is not None:
        yield command
    yield record.command
    for test in record.tests:
        if (command := tested_command(test)) is not None:
            yield command
        data = "" if test.data == "generated world" else f" --data {test.data} --split {test.split}"
        yield f"visreason test {record.name}{data}{' --counterfactuals' if test.pairs else ''}"
