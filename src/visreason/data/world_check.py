"""Is a data folder what its `world.json` says? The whole check of a folder, real or generated."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from visreason import __version__
from visreason.clevr.folder import ClevrFolder
from visreason.clevr.rules import NO_RULES, Rules
from visreason.data.check import Check, Problems
from visreason.data.features.check import check_features
from visreason.data.folder_check import SplitCheck
from visreason.data.region_check import check_regions
from visreason.data.region_files import RegionFiles, split_files
from visreason.data.world_contents import contents_of, read_checksums, sha256
from visreason.data.world_files import MANIFEST, WorldFiles
from visreason.data.world_manifest import read_manifest
from visreason.errors import DataError, VisreasonError


def check_data(root: Path) -> Iterator[Check]:
    """Read every scene and question of a data folder and open every image they name.

    A generated world is also held against its `world.json`: files by their checksums, counts, and the split
    rules that all scenes and questions obey. Features that `visreason features` put there are held against their
    checksums.

    Raises:
        DataError: the folder does not exist or has no split.
    """
    folder = ClevrFolder(root)
    splits = folder.splits()
    entries: Mapping[str, Any] = {}
    if (root / MANIFEST).exists():
        try:
            entries = read_manifest(root)["splits"]
        except VisreasonError as error:
            yield Check(MANIFEST, "broken", str(error))
    if not splits and not entries:
        raise DataError(
            f"{root} has neither scenes/CLEVR_SPLIT_scenes.json nor questions/CLEVR_SPLIT_questions.json. "
            "Give a folder in CLEVR v1.0 layout, or make one with `visreason generate`."
        )
    for split in sorted({*splits, *entries}):
        entry = entries.get(split)
        if entry is None:
            yield from SplitCheck(folder, split).run()
            continue
        made, rules = _check_made(split, entry)
        yield made
        contents = contents_of(entry)
        if contents is not None:
            files = split_files(root, split, entry["arguments"])
            yield _check_files(files, contents)
            if isinstance(files, RegionFiles):
                yield from check_regions(files, contents)
        if split in splits:
            check = SplitCheck(folder, split, rules)
            yield from check.run()
            if contents is not None:
                yield _check_counts(split, contents, check.counts)
    yield from check_features(root)


def _check_made(split: str, entry: Mapping[str, Any]) -> tuple[Check, Rules]:
    """How a split was made, and its rules."""
    arguments, name = entry["arguments"], f"{split} world"
    try:
        rules = Rules.parse(arguments.get("only") or ())
    except (VisreasonError, TypeError) as error:
        return Check(name, "broken", f"its rules cannot be read: {error}"), NO_RULES
    if contents_of(entry) is None:
        return Check(name, "broken", "not finished; the command that made it goes on with it"), rules
    said = f"visreason {entry['version']}, seed {arguments.get('seed')}, rules: {rules}"
    if entry["version"] != __version__:
        return Check(name, "note", f"{said}; this is {__version__}, which may make other bytes"), rules
    return Check(name, "ok", said), rules


def _check_files(files: WorldFiles, contents: Mapping[str, Any]) -> Check:
    """Recompute the checksums of all files of a split."""
    name, problems = f"{files.split} checksums", Problems()
    listed: dict[str, str] = {}
    try:
        if sha256(files.checksums_file) != contents.get("checksums"):
            problems.add(f"{files.checksums_file.name} is not the list that {MANIFEST} knows")
        listed = read_checksums(files.checksums_file)
    except DataError as error:
        problems.add(str(error))
    for file, facts in contents["files"].items():
        listed.setdefault(file, facts["sha256"])
        if listed[file] != facts["sha256"]:
            problems.add(f"{file}: {files.checksums_file.name} and {MANIFEST} give different checksums")
    for file, digest in listed.items():
        path = files.root / file
        if not path.is_file():
            problems.add(f"{file} is missing")
        elif sha256(path) != digest:
            problems.add(f"{file} has changed")
    return problems.check(name, f"{len(listed):,} files unchanged")


def _check_counts(split: str, contents: Mapping[str, Any], counts: Mapping[str, int]) -> Check:
    """Compare how many scenes and texts were read with how many were made."""
    problems = Problems()
    known = {kind: count for kind, count in contents.items() if kind in counts}
    for kind, count in known.items():
        if counts[kind] != count:
            problems.add(f"{counts[kind]:,} {kind}, {count:,} were made")
    return problems.check(f"{split} counts", ", ".join(f"{count:,} {kind}" for kind, count in known.items()))
