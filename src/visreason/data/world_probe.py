"""A short trial before a world with split rules is made: rules that leave nothing are found out in seconds.

What can be told without a scene, `Rules` and the question engine have told already: no object, no number of
objects or no question family left. Here the split's own first scenes are made, and the question is whether
anything can be asked about one of them.
"""

from collections.abc import Sequence
from dataclasses import replace

from visreason.clevr.questions import QuestionEngine
from visreason.clevr.rules import ObjectCount, Rules
from visreason.data.world_split import WorldSplit
from visreason.data.world_windows import split_scene
from visreason.errors import UsageError

_TRIALS = 25
"""Scenes that are tried before it is said that nothing can be asked."""

_SHOWN = 6


def check_rules(wanted: WorldSplit, engines: Sequence[QuestionEngine]) -> None:
    """Make sure that a split's rules leave something to generate.

    Args:
        wanted: the split.
        engines: that ask its questions.

    Raises:
        UsageError: no scene has room for the most objects, or nothing can be asked; says which rule refused
            how much.

    Example:
        >>> rules = Rules.parse(["families=84", "pairs=large+red", "relations!=left+red"])
        >>> split = WorldSplit("val", 3, 1, only=rules)
        >>> check_rules(split, [QuestionEngine(rules=rules)])
    """
    if not wanted.only:
        return
    most = wanted.only.counts[1]
    crowded = Rules((*wanted.only.rules, ObjectCount(most, most)))
    split_scene(replace(wanted, only=crowded), 0)
    if not wanted.questions_per_scene:
        return
    for engine in engines:
        _try(wanted, engine)


def _try(wanted: WorldSplit, engine: QuestionEngine) -> None:
    """Make sure that an engine can ask something of a split's first scenes."""
    trials = min(wanted.scenes, _TRIALS)
    if any(engine.generate_window([split_scene(wanted, index)], 0, 1) for index in range(trials)):
        return
    refused = engine.guard.rejections.most_common(_SHOWN) if engine.guard is not None else []
    said = "; ".join(f"{rule} refused {count:,}" for rule, count in refused)
    raise UsageError(
        f"the rules leave nothing to ask: of {len(engine.plans)} question families none has a question about "
        f"the split's first {trials} scenes{f' (of what was tried, {said})' if said else ''}. Loosen one of the "
        f"rules: {wanted.only}."
    )
