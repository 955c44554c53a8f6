"""What Visual Genome's annotators state of two objects of an image, as edges between classes: `relationships.json`.

The release's form is `[{image_id, relationships: [{synsets, subject: {synsets}, object: {synsets}}]}]`, where `synsets`
are WordNet's: of the predicate (`wear.v.01`), of who does it, and of what it is done to.
"""

from collections import Counter
from pathlib import Path
from typing import Any

from visreason.clevr.json_fields import record_of, typed
from visreason.data.cooccurrence import FEWEST
from visreason.data.knowledge import Pairs
from visreason.data.regions.region_set import RegionSet
from visreason.data.regions.visual_genome import IMAGE_DATA, image_data
from visreason.errors import DataError
from visreason.files import read_json

FILE = "relationships.json"

MOST = 10
"""Relations at most: those that are stated most."""


def stated_relations(root: Path, regions: RegionSet) -> dict[str, Pairs]:
    """The ten relations that are stated most, from subjects to objects, weighted by how often they are stated of them.

    Counted are statements about the images of `regions` and between two different classes of it; what is stated once
    is left out. Chen et al. (CVPR 2018) have such a graph of ten relations for Visual Genome, without inverses.

    Args:
        root: the folder with `relationships.json` and `image_data.json`; without the former there are no relations.
        regions: of training.

    Raises:
        DataError: a file is not of this form; names the record.

    Example:
        >>> from visreason.data.regions.report import RegionReport
        >>> stated_relations(Path("nowhere"), RegionSet(("-", "cup"), (), RegionReport(0, 0, 0, 1, ())))
        {}
    """
    path = root / FILE
    if not path.is_file():
        return {}
    files = {image.file.name for image in regions.images}
    images = {number for number, (name, _, _) in image_data(root / IMAGE_DATA).items() if name.name in files}
    records = read_json(path)
    if not isinstance(records, list):
        raise DataError(f"{path} should hold a list of images with their relationships.")
    known = set(regions.classes[1:])
    stated: Counter[tuple[str, str, str]] = Counter()
    for row, record in enumerate(records):
        where = f"{path}: [{row}]"
        if typed(record_of(record, where), "image_id", int, where) in images:
            for place, one in enumerate(typed(record, "relationships", list, where)):
                stated.update(_statements(one, f"{where}, relationships[{place}]", known))
    totals: Counter[str] = Counter()
    for (relation, _, _), count in stated.items():
        totals[relation] += count if count >= FEWEST else 0
    return {
        relation: {
            (subject, thing): float(count)
            for (name, subject, thing), count in sorted(stated.items())
            if name == relation and count >= FEWEST
        }
        for relation, total in sorted(totals.items(), key=lambda item: (-item[1], item[0]))[:MOST]
        if total
    }


def _statements(record: Any, where: str, known: set[str]) -> list[tuple[str, str, str]]:
    """(relation, subject, object) of one relationship, for each of their synsets, where both ends are classes."""
    relations = typed(record_of(record, where), "synsets", list, where)
    ends = []
    for key in ("subject", "object"):
        synsets = typed(record_of(record.get(key), f"{where}, {key}"), "synsets", list, f"{where}, {key}")
        ends.append([str(name) for name in dict.fromkeys(synsets) if name in known])
    return [
        (str(relation), subject, thing)
        for relation in dict.fromkeys(relations)
        for subject in ends[0]
        for thing in ends[1]
        if subject != thing
    ]
