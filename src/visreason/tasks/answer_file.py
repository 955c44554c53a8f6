"""A model's answers to a split whose questions have none: one a line, in the order of the questions.

That is what the authors of CLEVR score for its test split.
"""

from pathlib import Path

from rich.console import Console

from visreason.data.dataset import ClevrQuestions
from visreason.errors import UsageError
from visreason.files import write_atomically
from visreason.tasks.abilities import answers_questions, vocabulary_of
from visreason.tasks.folders import open_folder
from visreason.tasks.loading import load_any
from visreason.tasks.measuring import measure
from visreason.tasks.recipes.task_kinds import ENGINES
from visreason.tasks.sources import batches_of, view_of
from visreason.tasks.tallies import AnswerWords
from visreason.tasks.team import Team


def write_answers(
    source: str,
    data: Path,
    split: str,
    path: Path,
    console: Console,
    *,
    limit: int | None = None,
    batch_size: int = 64,
    workers: int = 0,
    team: Team | None = None,
) -> int:
    """Answer every question of a split and write the answers; return how many there are.

    Of several processes only the first writes and returns.

    Args:
        source: a run, a checkpoint, a model file or a shipped name.
        data: a data folder.
        split: such as `"test"`; true answers are not needed.
        path: the file.
        console: where progress is shown.
        limit: only so many questions, from the start of the file.
        batch_size: questions at once.
        workers: processes that load images.
        team: the processes that share the work; None is this one alone.

    Raises:
        UsageError: the model answers no questions by itself.
        DataError: the data is missing or broken.
        VocabularyError: a question has a word that the model does not know.
    """
    model = load_any(source)
    if model.family in ENGINES or not answers_questions(model):
        raise UsageError(
            f"{source} answers no questions by itself ({model.family}), so there are no answers to write."
        )
    vocabulary = vocabulary_of(model)
    samples = ClevrQuestions(open_folder(data), split, vocabulary, view_of(model.meta["inputs"]), limit=limit)
    words, team = AnswerWords(vocabulary.answers), team or Team()
    with team.reporting():
        measure(
            model.model,
            samples,
            batches_of(model.meta["inputs"]),
            words,
            console,
            doing=f"answering {data} {split}",
            batch_size=batch_size,
            workers=workers,
            team=team,
        )
    with write_atomically(path) as file:
        file.writelines(f"{answer}\n".encode() for answer in words.said)
    return len(words.said)
