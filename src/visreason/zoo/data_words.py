"""What data were made of, in words and as the command that makes them again."""

import shlex
from collections.abc import Mapping
from typing import Any

from visreason.data.world_split import OWN
from visreason.tasks.material import GENERATED
from visreason.zoo.record import PAIRS, Measured

_VERBS = {None: "generate", "regions": "generate-regions", "sort-of-clevr": "generate-sort-of-clevr"}
_SWITCHES = {"masks": "--masks", "arrays": "--arrays"}
_USUAL: dict[str, Any] = {
    "questions_per_scene": 10,
    "seed": 0,
    "refexps_per_scene": 0,
    "captions_per_scene": 0,
    "renderer": "raycast",
    "image_size": [480, 320],
    "clear": 0.3,
    "rare": 0.2,
    "hidden": 0.1,
}
"""What the commands take without being told."""


def tested_command(test: Measured) -> str | None:
    """The command that makes the data of a test, minimal pairs included; None of data that no command made."""
    made = test.made
    if made and test.pairs:
        made = {**made, "counterfactuals": -(-test.count(PAIRS) // made["scenes"])}
    return made_command(test.data, test.split, made)


def made_command(data: str, split: str, made: Mapping[str, Any] | None) -> str | None:
    """The command that makes a split again; None of data that no command made.

    Args:
        data: the folder's name.
        split: of the data.
        made: the arguments in its manifest.

    Example:
        >>> made = {"scenes": 100, "seed": 7, "only": ["objects=3-5"], "images": False, "image_size": None}
        >>> made_command("world", "test", made)
        'visreason generate world --split test --scenes 100 --seed 7 --only objects=3-5 --no-images'
        >>> made_command("CLEVR_v1.0", "val", None)
    """
    if made is None or data == GENERATED or "source" in made:
        return None
    words = ["visreason", _VERBS[made.get("world")], data, "--split", split]
    for name, value in made.items():
        flag = f"--{name.replace('_', '-')}"
        if name == "world" or value is None or value is False or _USUAL.get(name) == value:
            continue
        if name == "only":
            words += [word for rule in value for word in (flag, rule)]
        elif name in _SWITCHES:
            words.append(_SWITCHES[name])
        elif name == "image_size" and not isinstance(value, int):
            words += [flag, "x".join(map(str, value))]
        elif name == "templates":
            sets = value if isinstance(value, list) else [value]
            words += [
                word for one in sets for word in (flag, one if one == OWN else "DIR")
            ]  # known by contents alone
        elif name == "renderer":
            words += [flag, str(value).split()[0]]
        elif name != "images" or not isinstance(value, bool):
            words += [flag, str(value)]
    return shlex.join(words + (["--no-images"] if made.get("images") is False else []))


def described(
    data: str, split: str, made: Mapping[str, Any] | None, counts: Mapping[str, int] | None = None
) -> str:
    """Data in a few words: how much of what, by which rules, from which seed.

    Args:
        data: the folder's name.
        split: of the data.
        made: the arguments in its manifest.
        counts: what was counted where there is none.

    Example:
        >>> described("world", "test", {"scenes": 1500, "questions_per_scene": 10, "only": ["objects=3-5"], "seed": 7})
        'world, test: 1,500 scenes, 10 questions each, objects=3-5, seed 7'
        >>> described("generated world", "train", {"kind": "regions", "images": 2000, "seed": 0})
        'generated world, train: 2,000 images, seed 0'
    """
    if made is None:
        counted = ", ".join(f"{count:,} {kind}" for kind, count in (counts or {}).items())
        return f"{data}, {split}{f': {counted}' if counted else ''}"
    facts = [f"{made['scenes']:,} scenes" if "scenes" in made else f"{made['images']:,} images"]
    if made.get("questions_per_scene"):
        facts.append(f"{made['questions_per_scene']} questions each")
    facts += made.get("only") or ()
    facts += ["templates given with --templates"] if made.get("templates") else []
    facts += [f"seed {made['seed']}"] if "seed" in made else []
    return f"{data}, {split}: {', '.join(facts)}"
