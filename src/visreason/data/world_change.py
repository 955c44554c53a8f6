"""What a split that is wanted has beyond the one that a folder holds: nothing, more scenes, or more made of them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from visreason import __version__
from visreason.data.split_order import SplitOrder
from visreason.data.world_split import WorldSplit
from visreason.errors import UsageError

Change = Literal["none", "longer", "richer"]


def change_of(root: Path, wanted: SplitOrder, known: Mapping[str, Any]) -> Change:
    """How a split that is there becomes the one that is wanted.

    Args:
        root: the world's folder, for messages.
        wanted: the split.
        known: its entry in the manifest.

    Returns:
        `"longer"` where more scenes are wanted and all else is the same; `"richer"` where the same scenes
        shall have images, masks, referring expressions or captions that they lack.

    Raises:
        UsageError: the split is of other arguments or another version.
    """
    before, now = dict(known["arguments"]), wanted.arguments()
    if before.get("images"):
        before.setdefault("renderer", "raycast")  # older versions had no other, and do not name it
    differ = [name for name, value in now.items() if before.get(name) != value]
    if known["version"] == __version__:
        if not differ:
            return "none"
        if isinstance(wanted, WorldSplit) and differ == ["scenes"] and before["scenes"] < now["scenes"]:
            return "longer"
        if all(_adds(name, before.get(name), now[name]) for name in differ):
            return "richer"
    said = [
        f"{name.replace('_', ' ')} {_say(before.get(name))} there, {_say(now[name])} now" for name in differ
    ]
    if known["version"] != __version__:
        said.append(f"visreason {known['version']} there, {__version__} now")
    raise UsageError(
        f"{root} has a split {wanted.split!r} made differently: {'; '.join(said)}. Give the same arguments to go "
        "on with it (only --scenes may grow, or images, masks, expressions and captions be added to the same "
        "scenes), another folder or --split to keep it, or --overwrite to make it anew."
    )


def _adds(name: str, before: Any, now: Any) -> bool:
    """Whether an argument's new value adds files to a split and leaves those that are there as they are."""
    if name in ("image_size", "renderer"):
        return before is None
    kinds = ("images", "masks", "refexps_per_scene", "captions_per_scene")
    return name in kinds and not before and bool(now)


def _say(value: Any) -> str:
    """An argument's value as a user gave it."""
    if isinstance(value, list):
        return ("x" if value and isinstance(value[0], int) else ", ").join(map(str, value)) or "none"
    words = {None: "none", True: "yes", False: "no"}
    return words[value] if value is None or isinstance(value, bool) else str(value)
