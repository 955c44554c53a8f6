"""Settings that older recipes name otherwise, or not at all."""

from collections.abc import Mapping
from typing import Any

from visreason.errors import UsageError
from visreason.tasks.recipes.worlds import ClevrWorld

_OBJECTS = ("world.min_objects", "world.max_objects")
_FAMILIES = "world.families"
_AS_IN_CLEVR = (3, 10)


def migrate(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings as they are named today, from those of a recipe or run of any version.

    A world was always CLEVR's before `world.kind` said so, and its counts of objects and its families were
    settings of their own before `world.only` held split rules.

    Raises:
        UsageError: the older settings beside those that took their place.

    Example:
        >>> old = {"world.min_objects": 3, "world.max_objects": 5, "world.families": "84-89"}
        >>> migrate(old)["world.only"]
        ['objects=3-5', 'families=84-89']
    """
    now = {"world.kind": ClevrWorld.kind} | dict(settings)
    older = [name for name in (*_OBJECTS, _FAMILIES) if name in now]
    if not older:
        return now
    if "world.only" in now:
        raise UsageError(
            f"{' and '.join(older)} cannot stand beside world.only, which holds them now: "
            f"give split rules alone, such as world.only: [objects=3-6, families=84-89]."
        )
    least, most = (int(now.pop(name, usual)) for name, usual in zip(_OBJECTS, _AS_IN_CLEVR, strict=True))
    families = now.pop(_FAMILIES, None)
    rules = [] if (least, most) == _AS_IN_CLEVR else [f"objects={least}-{most}"]
    return now | {"world.only": rules + ([f"families={families}"] if families not in (None, "null") else [])}
