"""`visreason answer`: the oracle."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from visreason.clevr.oracle import AnyVerdict, Tally
    from visreason.clevr.referring_oracle import BoxVerdict

_SHOWN = 10
"""Disagreements that are printed; --json and --output give all."""


def answer(
    data: Path,
    *,
    split: str = "val",
    questions: Path | None = None,
    referring: bool = False,
    output: Path | None = None,
    overwrite: bool = False,
    json: bool = False,
) -> None:
    """Run every question's program on its scene: the true answers, and how many stored answers agree.

    Referring expressions have boxes for answers: those of the objects that their programs come to, as the
    ray-caster draws them.

    Args:
        data: a data folder in CLEVR v1.0 layout.
        split: whose scenes, and whose questions unless --questions is given.
        questions: another file of questions, or of referring expressions, about these scenes.
        referring: take the split's referring expressions in place of its questions.
        output: write the true answers to this file, one JSON object a line with the keys question_index,
            image_filename, question, type, answer, stored and agrees (and error where one is ill-posed);
            for a referring expression object_index in place of type.
        overwrite: replace the --output file if it exists.
        json: print an object with the keys questions (or expressions), agreement (null where no answers are
            stored) and disagreements.

    Example:
        visreason answer CLEVR_v1.0 --split val
    """
    from contextlib import ExitStack

    import orjson
    from rich.progress import track

    from visreason.clevr.referring_file import holds_expressions
    from visreason.cli.tables import messages, print_json
    from visreason.errors import UsageError
    from visreason.files import write_atomically

    scenes_file, questions_file = _files(data, split, questions, referring=referring)
    if output is not None and output.exists() and not overwrite:
        raise UsageError(f"{output} exists. Give another --output, or --overwrite to replace it.")
    judged = _boxes if holds_expressions(questions_file) else _answers
    tally, verdicts = judged(questions_file, scenes_file)
    console = messages()
    with ExitStack() as stack:
        file = stack.enter_context(write_atomically(output)) if output is not None else None
        for verdict in track(verdicts, "answering", console=console, disable=not console.is_terminal):
            tally.add(verdict)
            if file is not None:
                file.write(orjson.dumps(verdict.to_dict()) + b"\n")
    if json:
        print_json(tally.to_dict())
        return
    print(tally)
    if tally.disagreements:
        _print_disagreements(tally)


def _answers(questions_file: Path, scenes_file: Path) -> "tuple[Tally, Iterator[AnyVerdict]]":
    """What the oracle says of questions, and a tally for it."""
    from visreason.clevr.oracle import Tally, judge
    from visreason.clevr.questions_file import iter_questions
    from visreason.clevr.scenes_file import iter_scenes
    from visreason.sort_of_clevr.folder import is_flat, iter_flat_scenes
    from visreason.sort_of_clevr.oracle import judge_flat

    questions, named = (
        iter_questions(questions_file),
        {"questions_from": questions_file, "scenes_from": scenes_file},
    )
    if is_flat(scenes_file):
        return Tally(), judge_flat(questions, iter_flat_scenes(scenes_file), **named)
    return Tally(), judge(questions, iter_scenes(scenes_file), **named)


def _boxes(questions_file: Path, scenes_file: Path) -> "tuple[Tally, Iterator[BoxVerdict]]":
    """What the oracle says of referring expressions, and a tally for it."""
    from visreason.clevr.boxes import mask_boxes
    from visreason.clevr.oracle import Tally
    from visreason.clevr.referring_file import iter_expressions, read_image_size
    from visreason.clevr.referring_oracle import DRAWN_BY_OTHERS, judge_boxes
    from visreason.clevr.scenes_file import iter_scenes
    from visreason.render import Renderer

    size, ours = read_image_size(questions_file)
    renderer = Renderer(*size)
    return Tally("expressions", "boxes"), judge_boxes(
        iter_expressions(questions_file),
        iter_scenes(scenes_file),
        lambda scene: mask_boxes(renderer.masks([scene])[0].numpy(), len(scene.objects)),
        tolerance=0 if ours else DRAWN_BY_OTHERS,
        expressions_from=questions_file,
        scenes_from=scenes_file,
    )


def _print_disagreements(tally: "Tally") -> None:
    """The first disagreements as a table."""
    from visreason.cli.tables import print_table

    shown = [verdict.to_dict() for verdict in tally.disagreements[:_SHOWN]]
    cells = [
        [
            str(row["question_index"]),
            row["image_filename"],
            str(row["stored"] or "-"),
            str(row["answer"] or row.get("error", "-")),
            row["question"],
        ]
        for row in shown
    ]
    print_table(["question", "image", "stored", "true", "text"], cells, right=["question"])
    if len(tally.disagreements) > _SHOWN:
        print(f"and {len(tally.disagreements) - _SHOWN:,} more; --json or --output shows all.")


def _files(data: Path, split: str, questions: Path | None, *, referring: bool) -> tuple[Path, Path]:
    """The scenes and the questions file.

    Raises:
        DataError: the folder or a file does not exist; the message says which splits there are.
    """
    from visreason.clevr.folder import ClevrFolder
    from visreason.errors import DataError
    from visreason.sort_of_clevr.folder import flat_scenes_file

    folder = ClevrFolder(data)
    known = ", ".join(folder.splits()) or "none"
    own = folder.referring_file(split) if referring else folder.questions_file(split)
    flat = flat_scenes_file(data, split)
    files = flat if flat.is_file() else folder.scenes_file(split), questions or own
    for path in files:
        if not path.is_file():
            raise DataError(
                f"{path} does not exist; the oracle needs scenes and questions with programs (the released "
                f"test split has neither scenes nor programs). The splits of {data}: {known}."
            )
    return files
