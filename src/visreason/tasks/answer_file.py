"""A model's answers to a split whose questions have none: one a line, in the order of the questions.

That is what the authors of CLEVR score for its test split.
"""

from pathlib import Path

import torch
from rich.console import Console
from rich.progress import track

from visreason.data.dataset import ClevrQuestions
from visreason.errors import UsageError
from visreason.files import write_atomically
from visreason.models import Output
from visreason.tasks.folders import open_folder
from visreason.tasks.loader import batches, in_order
from visreason.tasks.loading import answers_questions, load_any
from visreason.tasks.recipes.task_kinds import ENGINES
from visreason.tasks.sources import batches_of, view_of, vocabulary_of


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
    shipped: Path | None = None,
) -> int:
    """Answer every question of a split and write the answers; return how many there are.

    Args:
        source: a run, a checkpoint, a model file or a shipped name.
        data: a data folder.
        split: such as `"test"`; true answers are not needed.
        path: the file.
        console: where progress is shown.
        limit: only so many questions, from the start of the file.
        batch_size: questions at once.
        workers: processes that load images.
        shipped: the folder of shipped model files.

    Raises:
        UsageError: the model answers no questions by itself.
        DataError: the data is missing or broken.
        VocabularyError: a question has a word that the model does not know.
    """
    model = load_any(source, shipped)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    network = model.model.to(device)
    if model.family in ENGINES or not answers_questions(model):
        raise UsageError(
            f"{source} answers no questions by itself ({model.family}), so there are no answers to write."
        )
    vocabulary = vocabulary_of(model)
    samples = ClevrQuestions(open_folder(data), split, vocabulary, view_of(model.meta["inputs"]), limit=limit)
    groups = in_order(len(samples), batch_size)
    loader = track(
        batches(samples, batches_of(model.meta["inputs"]), groups, workers),
        description=f"answering {data} {split}",
        total=len(groups),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    answers: list[str] = []
    with torch.inference_mode():
        for batch in loader:
            output: Output = network(batch.to(device))
            answers += [vocabulary.answers[number] for number in output.logits.argmax(dim=1).tolist()]
    with write_atomically(path) as file:
        file.writelines(f"{answer}\n".encode() for answer in answers)
    return len(answers)
