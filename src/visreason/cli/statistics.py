"""`visreason statistics`: what a data set is made of, beside the published figures of CLEVR."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from visreason.clevr.folder import ClevrFolder
    from visreason.metrics.comparison import Comparison
    from visreason.metrics.question_statistics import QuestionStatistics, SentenceStatistics
    from visreason.metrics.scene_statistics import SceneStatistics

FILES = ("statistics.json", "statistics.png")
"""What the verb may write."""


def statistics(
    data: Path,
    *,
    split: str = "val",
    output: Path | None = None,
    overwrite: bool = False,
    json: bool = False,
) -> None:
    """Count families, types, answers, lengths, objects, attributes and places, beside CLEVR's published figures.

    Figures that deviate from CLEVR v1.0 are marked. Files are read record by record, so size does not matter.

    Args:
        data: a data folder in CLEVR v1.0 layout, real or generated.
        split: whose scenes, questions and referring expressions, as far as there are any.
        output: write statistics.json and the picture statistics.png to this folder.
        overwrite: write into an --output that holds something else.
        json: print what statistics.json holds, every distribution in full.

    Example:
        visreason statistics CLEVR_v1.0 --split val --output statistics
    """
    from visreason.clevr.folder import ClevrFolder
    from visreason.cli.tables import messages, print_json
    from visreason.files import claim_output, write_json
    from visreason.metrics.published import SOURCES, compare_questions, compare_scenes, describe_expressions
    from visreason.metrics.statistics_plot import plot_statistics

    console = messages()
    if output is not None:
        claim_output(output, FILES, overwrite=overwrite)
    questions, scenes, expressions = _count(ClevrFolder(data), split, console)
    compared = [
        *(() if questions is None else compare_questions(questions)),
        *(() if scenes is None else compare_scenes(scenes)),
        *(() if expressions is None else describe_expressions(expressions)),
    ]
    document: dict[str, Any] = {"data": str(data), "split": split}
    parts = {"questions": questions, "scenes": scenes, "expressions": expressions}
    document |= {name: None if part is None else part.to_dict() for name, part in parts.items()}
    document |= {"comparison": [one.to_dict() for one in compared], "sources": SOURCES}
    if json:
        print_json(document)
    else:
        _print(document, compared)
    if output is not None:
        files = [output / name for name in FILES]
        write_json(files[0], document, indent=True)
        title = f"{data.resolve().name}, {split}: {_said(document)}"
        plot_statistics(questions, scenes, expressions, files[1], title=title)
        console.print("wrote " + ", ".join(map(str, files)), soft_wrap=True)


def _count(
    folder: "ClevrFolder", split: str, console: Any
) -> tuple["QuestionStatistics | None", "SceneStatistics | None", "SentenceStatistics | None"]:
    """Read the split's files, one record in memory at a time.

    Raises:
        DataError: the folder has none of them, or one is broken.
    """
    from visreason.clevr.questions_file import iter_questions
    from visreason.clevr.referring_file import iter_expressions
    from visreason.clevr.scenes_file import iter_scenes
    from visreason.errors import DataError
    from visreason.metrics.question_statistics import QuestionStatistics, SentenceStatistics
    from visreason.metrics.scene_statistics import SceneStatistics

    readers: list[tuple[Path, Any]] = [
        (folder.questions_file(split), lambda path: QuestionStatistics.of(iter_questions(path))),
        (folder.scenes_file(split), lambda path: SceneStatistics.of(iter_scenes(path))),
        (folder.referring_file(split), lambda path: SentenceStatistics.of(iter_expressions(path))),
    ]
    if not any(path.is_file() for path, _ in readers):
        known = ", ".join(folder.splits()) or "none"
        raise DataError(
            f"{folder.root} has neither {readers[0][0].name} nor {readers[1][0].name}. The splits of "
            f"{folder.root}: {known}."
        )
    found = []
    for path, read in readers:
        with console.status(f"reading {path.name}"):
            found.append(read(path) if path.is_file() else None)
    return found[0], found[1], found[2]


def _said(document: dict[str, Any]) -> str:
    """How much there is, in words."""
    names = {"scenes": "scenes", "questions": "questions", "expressions": "referring expressions"}
    return ", ".join(f"{document[part]['count']:,} {name}" for part, name in names.items() if document[part])


def _print(document: dict[str, Any], compared: "list[Comparison]") -> None:
    """All figures as a table, deviations marked, then where the published ones come from."""
    from visreason.cli.tables import print_table

    rows = [[*one.cells(), "deviates" if one.deviates else "", one.source] for one in compared]
    title = f"{document['data']}, {document['split']}: {_said(document)}"
    print_table(["", "here (95 % interval)", "CLEVR v1.0", "", "source"], rows, title=title)
    for source in dict.fromkeys(one.source for one in compared if one.source):
        print(f"{source}: {document['sources'][source]}")
    if published := [one for one in compared if one.published is not None]:
        print(f"{sum(one.deviates for one in published)} of {len(published)} published figures deviate.")
