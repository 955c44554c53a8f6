"""What a generated split is to hold: the arguments of `visreason generate`, checked."""

import hashlib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal, get_args

from visreason.clevr.folder import ClevrFolder
from visreason.clevr.rules import NO_RULES, Rules
from visreason.data.split_order import check_split_name
from visreason.errors import UsageError

RendererName = Literal["raycast", "mitsuba"]
"""What draws images: the ray-caster, or Mitsuba 3 (extra `mitsuba`)."""

OWN = "own"
"""Our own question templates, where folders of others are named by their place or contents."""

_SIDES = range(8, 4097)
"""Sides of images, in pixels: smaller shows nothing, larger does not fit the memory of a laptop."""


@dataclass(frozen=True, slots=True)
class WorldSplit:
    """One split of a generated world; the same settings give the same bytes on any day and with any `jobs`.

    Attributes:
        split: its name, such as `"val"`; scenes of different splits differ, whatever the seed.
        scenes: how many scenes.
        questions_per_scene: questions asked about each, if so many well-posed ones are found; 0 asks none.
        image_size: width and height of images and masks.
        images: whether the scenes are rendered.
        masks: whether images of instance ids are drawn too: 0 is the floor, i + 1 the scene's object i.
        templates: what asks `questions_per_scene` each of every scene, in this order: folders of question templates in
            CLEVR's format, and None for our own 90 families.
        seed: of scenes and questions.
        only: the split rules that scenes and questions obey; none makes them as CLEVR has them.
        refexps_per_scene: expressions that refer to an object of each scene, with its box on an image of this
            size; 0 makes none.
        captions_per_scene: true statements about each scene; 0 makes none.
        renderer: what draws the images; masks and boxes are the ray-caster's either way.

    Raises:
        UsageError: a setting is out of range, or the renderer is not installed; says which.

    Example:
        >>> WorldSplit("val", 100, image_size=(4, 4))
        Traceback (most recent call last):
        ...
        visreason.errors.UsageError: an image of 4x4 pixels: both sides must be 8 to 4096; CLEVR has 480x320.
    """

    split: str
    scenes: int
    questions_per_scene: int = 10
    image_size: tuple[int, int] = (480, 320)
    images: bool = True
    masks: bool = False
    templates: tuple[Path | None, ...] = (None,)
    seed: int = 0
    only: Rules = NO_RULES
    refexps_per_scene: int = 0
    captions_per_scene: int = 0
    renderer: RendererName = "raycast"

    def __post_init__(self) -> None:
        check_split_name(self.split)
        texts = [(f"{kind}_per_scene", 0) for kind in ("questions", "refexps", "captions")]
        for name, least in (("scenes", 1), *texts, ("seed", 0)):
            if getattr(self, name) < least:
                words = name.replace("_", " ")
                raise UsageError(f"{words} must be at least {least}; got {getattr(self, name)}.")
        width, height = self.image_size
        if width not in _SIDES or height not in _SIDES:
            raise UsageError(
                f"an image of {width}x{height} pixels: both sides must be {_SIDES[0]} to {_SIDES[-1]}; "
                "CLEVR has 480x320."
            )
        if not self.templates or len(set(self.templates)) < len(self.templates):
            named = ", ".join(OWN if one is None else str(one) for one in self.templates) or "none"
            raise UsageError(f"templates are named once each, and one set at least; got {named}.")
        if self.renderer not in get_args(RendererName):
            known = " or ".join(get_args(RendererName))
            raise UsageError(f"there is no renderer {self.renderer!r}; expected {known}.")
        self.drawn_by()

    @property
    def shown(self) -> bool:
        """Whether anything of the split depends on the size of its images."""
        return self.images or self.masks or self.refexps_per_scene > 0

    def drawn_by(self) -> str | None:
        """What draws the images, with what of it decides their bytes; None where there are none.

        Raises:
            UsageError: Mitsuba is wanted and not installed.
        """
        if not self.images or self.renderer == "raycast":
            return self.renderer if self.images else None
        from visreason.render.mitsuba.backend import best_variant, identity  # imports PyTorch and Mitsuba

        return identity(best_variant())

    def texts(self, root: Path) -> tuple[Path, ...]:
        """The files of the split that are no images."""
        folder = ClevrFolder(root)
        return folder.scenes_file(self.split), folder.questions_file(self.split)

    def further_texts(self, root: Path) -> tuple[Path, ...]:
        """The files of referring expressions and captions, as far as they are wanted."""
        folder = ClevrFolder(root)
        wanted = {
            folder.referring_file(self.split): self.refexps_per_scene,
            folder.captions_file(self.split): self.captions_per_scene,
        }
        return tuple(path for path, count in wanted.items() if count)

    def arguments(self) -> dict[str, Any]:
        """All that decides the split's bytes; templates by their contents, not by their place."""
        arguments = {field.name: getattr(self, field.name) for field in fields(self) if field.name != "split"}
        arguments["only"] = self.only.texts()
        arguments["renderer"] = self.drawn_by()
        arguments["image_size"] = list(self.image_size) if self.shown else None
        asked = [OWN if folder is None else folder_fingerprint(folder, "*.json") for folder in self.templates]
        arguments["templates"] = asked if len(asked) > 1 else None if asked == [OWN] else asked[0]
        return arguments


def folder_fingerprint(folder: Path, *patterns: str) -> str:
    """A checksum of the names and contents of those files under a folder that match one of the patterns."""
    digest = hashlib.sha256()
    for path in sorted({path for pattern in patterns for path in folder.rglob(pattern)}):
        contents = path.read_bytes()
        digest.update(f"{path.relative_to(folder).as_posix()}\0{len(contents)}\0".encode() + contents)
    return digest.hexdigest()[:16]
