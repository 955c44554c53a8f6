"""Are the features in a data folder as they were extracted?"""

from collections.abc import Iterator
from pathlib import Path

from visreason.data.check import Check, Problems
from visreason.data.features.store import INDEX, read_notes, shard_count, verify
from visreason.errors import DataError


def check_features(root: Path) -> Iterator[Check]:
    """Compare the checksums of every store of shards below `DATA/features`.

    Args:
        root: the data folder.
    """
    for file in sorted((root / "features").rglob(INDEX)):
        name, problems = f"{file.parent.relative_to(root)}", Problems()
        try:
            notes = read_notes(file.parent)
            verify(file.parent, notes)
            if not notes["complete"]:
                problems.add(f"{len(notes['sha256'])} of {shard_count(notes)} parts are there; not finished")
            found = f"{len(notes['images']):,} images, unchanged"
        except DataError as error:
            problems.add(str(error))
            found = ""
        yield problems.check(name, found)
