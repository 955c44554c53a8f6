"""What a card says in words: what a model is for, and what it cannot do."""

from collections.abc import Mapping

from visreason.tasks.recipes.task_kinds import ENGINES
from visreason.zoo.record import WORDS, Record

_SIGHT = {
    "pixels": "from an image",
    "state": "from a description of the scene (objects with their attributes and places), not from an image",
    "question": "from the question alone: a baseline that does not look",
    "regions": "from an image and the boxes in it",
}


def use_of(record: Record) -> str:
    """What a model is for."""
    does = {
        "answering": "Answers questions in CLEVR's English",
        "locating": "Points at what a referring expression in CLEVR's English describes",
        "joint": "Answers questions and points at what expressions describe, in CLEVR's English",
        "regions": "Names the regions of an image of the region world, in context",
    }[record.task]
    sight = _SIGHT.get(record.reads, f"from {record.reads}")
    return f"{does}, {sight}. For teaching, as a baseline, and as a start of further training."


def limits_of(record: Record) -> list[str]:
    """What a model cannot do, as far as its record tells."""
    told = ["It was trained on generated worlds alone; what it says of anything else means nothing."]
    made = record.training.get("made") or {}
    if made.get("only"):
        told.append(f"It has only seen scenes and questions of {', '.join(made['only'])}.")
    if record.family in ENGINES:
        told.append("It executes programs and writes none: its figures are on the questions' true programs.")
    trained = max(run.epochs for run in record.runs)
    if trained < record.planned_epochs:
        told.append(f"It was trained for {trained} of {record.planned_epochs} planned epochs.")
    return [*told, *_missed(record), *_gap(record), *_weakest(record)]


def _missed(record: Record) -> list[str]:
    """That the goal was not reached."""
    tests, figure = record.of_role("generated"), record.headlines[0]
    if record.goal is None or not tests or tests[0].spread(figure).mean >= record.goal:
        return []
    return [
        f"{WORDS[figure].capitalize()} {tests[0].spread(figure)} stay below the goal of {_percent(record.goal)}."
    ]


def _gap(record: Record) -> list[str]:
    """How much worse it is on real images."""
    unseen, real, figure = record.of_role("generated"), record.of_role("real"), record.headlines[0]
    if not unseen or not real:
        return []
    fall = 100 * (unseen[0].spread(figure).mean - real[0].spread(figure).mean)
    return [
        f"On real images it is {abs(fall):.1f} points {'worse' if fall > 0 else 'better'} than on generated ones."
    ]


def _weakest(record: Record) -> list[str]:
    """The kinds of questions at which it is worst."""
    tests = record.of_role("generated")
    prefix = record.headlines[0].replace("overall", "by_type.")
    kinds: Mapping[str, float] = {
        name.removeprefix(prefix): tests[0].spread(name).mean
        for name in (tests[0].figures if tests else ())
        if name.startswith(prefix)
    }
    if len(kinds) < 2:
        return []
    worst = sorted(kinds, key=lambda name: kinds[name])[:2]
    return [
        "Weakest at "
        + " and ".join(f"{name.replace('_', ' ')} ({_percent(kinds[name])})" for name in worst)
        + "."
    ]


def _percent(value: float) -> str:
    return f"{100 * value:.1f} %"
