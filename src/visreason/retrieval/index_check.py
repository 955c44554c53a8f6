"""Is an index as it was made?"""

from collections.abc import Iterator
from pathlib import Path

from visreason.data.check import Check, Problems
from visreason.errors import DataError
from visreason.files import read_json
from visreason.retrieval.index_folder import CHECKSUMS, SETTINGS, RetrievalIndex, check


def check_index(folder: Path) -> Iterator[Check]:
    """Open an index and compare the checksums of all its files, however large.

    Args:
        folder: where it lies.
    """
    problems, found = Problems(), ""
    try:
        index = RetrievalIndex.open(folder)
        known = read_json(folder / SETTINGS).get(CHECKSUMS)
        check(folder, index.settings, known)
        found = f"{len(index):,} images, {'unchanged' if known else 'without checksums, as older versions made it'}"
    except DataError as error:
        problems.add(str(error))
    yield problems.check("index", found)
