from pathlib import Path

import pytest
import torch
from rich.console import Console

from visreason.clevr.folder import ClevrFolder
from visreason.clevr.program_forms import from_prefix
from visreason.data.dataset import ClevrQuestions
from visreason.data.samples import collate
from visreason.data.vocabulary import CLEVR_VOCABULARY, Vocabulary
from visreason.models import ModelFile, build_model
from visreason.tasks.abilities import vocabulary_of
from visreason.tasks.interview import Inquiry, Interview
from visreason.tasks.loading import load_any
from visreason.tasks.run_folder import RunFolder
from visreason.tasks.sources import samples_for
from visreason.tasks.starting_weights import engine_of

RED = from_prefix(("count", "filter_color[red]", "scene"))
UNION = from_prefix(("exist", "union", "filter_color[red]", "scene", "scene"))


@pytest.fixture
def asked(run: RunFolder, tiny_data: Path, console: Console) -> tuple[Interview, ModelFile, ClevrQuestions]:
    model = load_any(run.path)
    samples, to_batch = samples_for(model, ClevrFolder(tiny_data), "val")
    assert isinstance(samples, ClevrQuestions)
    return Interview(model, samples, to_batch, console, batch_size=3), model, samples


def test_the_files_own_questions_get_the_answers_of_the_test(
    asked: tuple[Interview, ModelFile, ClevrQuestions],
) -> None:
    interview, model, samples = asked
    vocabulary = vocabulary_of(model)
    rows = [17, 3, 4, 3]
    inquiries = [Inquiry(row, RED, " ".join(vocabulary.decode(samples.table.words(row)))) for row in rows]
    with torch.inference_mode():
        logits = model.model(collate([samples.sample(row) for row in rows])).logits
    assert interview.answers(inquiries) == [vocabulary.answers[i] for i in logits.argmax(dim=1).tolist()]


def test_what_has_no_words_is_not_asked(asked: tuple[Interview, ModelFile, ClevrQuestions]) -> None:
    interview, _, _ = asked
    said = interview.answers([Inquiry(0, UNION), Inquiry(0, RED)])
    assert said[0] is None
    assert said[1] in CLEVR_VOCABULARY.answers
    assert interview.answers([]) == []
    assert interview.words(UNION) is None
    assert not interview.in_programs


def test_other_words_are_other_sentences(asked: tuple[Interview, ModelFile, ClevrQuestions]) -> None:
    interview, _, _ = asked
    text = interview.words(RED)
    assert text is not None
    others = interview.other_words(RED, text.lower(), 3)
    assert 1 < len(others) <= 3
    assert text not in others


def test_only_words_that_the_model_knows_are_used(
    asked: tuple[Interview, ModelFile, ClevrQuestions], console: Console
) -> None:
    _, model, samples = asked
    known = tuple(word for word in CLEVR_VOCABULARY.words if word not in ("objects", "number"))
    small = Vocabulary(known, CLEVR_VOCABULARY.answers)
    model.meta["vocabulary"] = small.to_dict()
    interview = Interview(model, samples, collate, console)
    text = interview.words(RED)
    assert text is not None
    assert "objects" not in text
    small.encode(text)


def test_an_engine_is_asked_by_programs(tiny_data: Path, console: Console) -> None:
    torch.manual_seed(0)
    vocabulary = CLEVR_VOCABULARY
    engine = {
        "image": {"kind": "pixels", "shape": [3, 32, 48], "channels": [4, 4]},
        "functions": list(vocabulary.functions),
        "arities": list(vocabulary.arities),
        "answer_count": 28,
        "dim": 4,
        "classifier_projection": 4,
        "classifier_widths": [8],
    }
    network = build_model("module-network", engine).eval()
    meta = {"vocabulary": vocabulary.to_dict(), "inputs": {"kind": "pixels", "image_size": [32, 48]}}
    model = ModelFile(network, "module-network", network.config, meta)
    samples, to_batch = samples_for(model, ClevrFolder(tiny_data), "val")
    assert isinstance(samples, ClevrQuestions)
    interview = Interview(model, samples, to_batch, console)
    assert interview.in_programs
    assert engine_of(network) is network
    said = interview.answers([Inquiry(0, UNION), Inquiry(6, UNION)])
    assert all(one in vocabulary.answers for one in said)
    compared = from_prefix(("count", "same_color", "unique", "filter_color[red]", "scene"))
    few = tuple(name for name in vocabulary.functions if name != "same_color")
    model.meta["vocabulary"] = Vocabulary(vocabulary.words, vocabulary.answers, few).to_dict()
    other = Interview(model, samples, to_batch, console)
    assert other.answers([Inquiry(0, compared)]) == [None]  # the engine has no such function
