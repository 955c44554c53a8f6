import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from torch.utils.data import DataLoader

from visreason.clevr.iep_folder import IepFolder
from visreason.data.dataset import ClevrQuestions
from visreason.data.iep_export import export_questions, vocabulary_of_questions
from visreason.data.iep_questions import iep_vocabulary, open_iep_questions
from visreason.data.inputs import BlindView, StateView
from visreason.data.question_table import NONE, QuestionTable, open_question_table
from visreason.data.samples import collate
from visreason.data.vocabulary import CLEVR_VOCABULARY, Vocabulary
from visreason.errors import DataError, ProgramError, VocabularyError
from visreason.files import read_json, write_json

pytestmark = pytest.mark.usefixtures("cached")
COLUMNS = (
    "words_T", "starts_Q", "functions_P", "program_starts_Q", "answer_Q", "type_Q", "index_Q", "image_index_Q",
    "image_Q",
)  # fmt: skip


@pytest.fixture
def folder(world: Any, tmp_path: Path) -> IepFolder:
    """The 24 questions of the small world as clevr-iep keeps them; a folder that the test may spoil."""
    made = IepFolder(tmp_path / "iep")
    vocabulary = vocabulary_of_questions(world.questions_file("val"))
    export_questions(world.questions_file("val"), made.questions_file("val"), vocabulary)
    write_json(made.root / "vocab.json", vocabulary.to_iep())
    return made


def opened(folder: IepFolder, model: Vocabulary | None = None) -> QuestionTable:
    path = folder.questions_file("val")
    return open_iep_questions(path, model or iep_vocabulary(path))


def test_the_table_is_that_of_the_json_questions(folder: IepFolder, world: Any) -> None:
    table = opened(folder)
    other = open_question_table(world.questions_file("val"), iep_vocabulary(folder.questions_file("val")))
    for name in (*COLUMNS, "family_Q"):
        np.testing.assert_array_equal(getattr(table, name), getattr(other, name))
    assert (table.images, table.types) == (other.images, other.types)


@pytest.mark.parametrize("form", ["prefix", "postfix"])
def test_the_references_own_files(form: str, shared: Path, tmp_path: Path) -> None:
    fixtures, mine = shared / "fixtures", IepFolder(tmp_path)
    shutil.copy(fixtures / f"prep_{form}.h5", mine.questions_file("val"))
    shutil.copy(fixtures / "prep_vocab.json", tmp_path / "vocab.json")
    table = opened(mine)
    other = open_question_table(
        fixtures / "prep_questions_200.json", iep_vocabulary(mine.questions_file("val"))
    )
    for name in COLUMNS:
        np.testing.assert_array_equal(getattr(table, name), getattr(other, name))
    assert table.images == other.images
    assert (table.family_Q == NONE).all()


def test_human_questions_have_no_programs(shared: Path, tmp_path: Path) -> None:
    mine = IepFolder(tmp_path)
    shutil.copy(shared / "fixtures" / "prep_humans.h5", mine.questions_file("val"))
    shutil.copy(shared / "fixtures" / "prep_humans_vocab.json", tmp_path / "vocab.json")
    table = opened(mine)
    assert len(table) == 80
    assert not table.has_programs
    assert table.type(0) is None


def test_many_workers_read_what_was_prepared_once(folder: IepFolder) -> None:
    data = ClevrQuestions(folder, "val", iep_vocabulary(folder.questions_file("val")), BlindView())
    loaders: list[Any] = [
        DataLoader(data, batch_size=5, num_workers=workers, collate_fn=collate)  # type: ignore[arg-type]
        for workers in (0, 2)
    ]
    for here, there in zip(*loaders, strict=True):
        assert here.tokens.tolist() == there.tokens.tolist()
        assert here.programs.tolist() == there.programs.tolist()
    there = pickle.loads(pickle.dumps(data.table))
    assert isinstance(there.words_T, np.memmap)


def test_a_model_with_more_words_reads_it_and_any_other_does_not(folder: IepFolder) -> None:
    own = iep_vocabulary(folder.questions_file("val"))
    larger = own.expanded(["an utterly new word"])
    assert opened(folder, larger).words_T.tolist() == opened(folder).words_T.tolist()
    turned = Vocabulary((*own.words[:3], *own.words[:2:-1]), own.answers, own.functions, "iep")
    smaller = Vocabulary(own.words[:-1], own.answers, own.functions, "iep")
    other_answers = Vocabulary(own.words, own.answers[::-1], own.functions, "iep")
    for model, message in (
        (CLEVR_VOCABULARY, r"words to differ, at place 0, is '<START>' there, and the model's is ';'"),
        (turned, "words to differ, at place 3"),
        (smaller, "and the model's is missing"),
        (other_answers, "answers to differ, at place 0"),
    ):
        with pytest.raises(VocabularyError, match=message):
            opened(folder, model)


def test_the_vocabulary_lies_beside_the_questions(folder: IepFolder) -> None:
    (folder.root / "vocab.json").unlink()
    with pytest.raises(DataError, match=r"vocab\.json, which says what they mean, does not exist"):
        opened(folder)


Change = Callable[[h5py.File], None]


def put(name: str, value: Any) -> Change:
    """Replace a dataset, or with None remove it."""

    def change(file: h5py.File) -> None:
        del file[name]
        if value is not None:
            file[name] = value

    return change


def entry(name: str, place: Any, value: Any) -> Change:
    def change(file: h5py.File) -> None:
        file[name][place] = value

    return change


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (
            put("questions", None),
            DataError,
            r"val_questions\.h5 has no dataset 'questions'; it holds answers, image_idxs",
        ),
        (
            put("questions", np.zeros((24, 3))),
            DataError,
            "'questions' should hold whole numbers, not float64",
        ),
        (put("questions", np.zeros((0, 3), int)), DataError, "holds no questions"),
        (put("questions", np.zeros((24, 3), int)), DataError, "question 0 has no words"),
        (put("programs", np.zeros(24, int)), DataError, r"'programs' should have 2 dimensions and 24 rows"),
        (
            put("answers", np.zeros(5, int)),
            DataError,
            r"'answers' should have 1 dimension and 24 rows; its shape is \(5,\)",
        ),
        (put("image_idxs", None), DataError, "no dataset 'image_idxs'"),
        (entry("image_idxs", 3, -1), DataError, r"image_idxs\[3\] is -1; it should be at least 0"),
        (
            entry("answers", 7, 99),
            DataError,
            r"answers\[7\] is 99; it should be one of the \d+ numbers of vocab\.json",
        ),
        (
            entry("questions", (2, 1), 500),
            DataError,
            r"questions of question 2 have a number outside 0 … \d+",
        ),
        (entry("questions", (5, 1), 0), DataError, r"questions of question 5 have 0 before its end"),
        (entry("programs", (4, 1), 2), ProgramError, r"question 4, program, token 0: '<END>' is no function"),
        (entry("programs", (4, 1), 3), ProgramError, r"question 4, program, token 0: '<UNK>' is no function"),
    ],
)
def test_a_broken_file_names_the_dataset_and_the_question(
    folder: IepFolder, change: Change, error: type[Exception], message: str
) -> None:
    with h5py.File(folder.questions_file("val"), "r+") as file:
        change(file)
    with pytest.raises(error, match=message):
        opened(folder)


@pytest.mark.parametrize(
    ("tokens", "message"),
    [
        (["exist"], "question 1, program ends too early: token 0"),
        (["exist", "scene", "scene"], "question 1, program: the tree is complete after 2 tokens"),
        (["exist", "count", "scene"], r"question 1, program, node 2 \(exist\): input 1 should be ObjectSet"),
    ],
)
def test_programs_that_close_no_tree_or_do_not_type_check(
    folder: IepFolder, tokens: list[str], message: str
) -> None:
    numbers = read_json(folder.root / "vocab.json")["program_token_to_idx"]
    with h5py.File(folder.questions_file("val"), "r+") as file:
        row = [1, *(numbers[name] for name in tokens), 2]
        file["programs"][1] = row + [0] * (file["programs"].shape[1] - len(row))
    with pytest.raises(ProgramError, match=message):
        opened(folder)


def test_features_of_too_few_images_are_an_error_before_anything_is_read(folder: IepFolder) -> None:
    vocabulary = iep_vocabulary(folder.questions_file("val"))
    with h5py.File(folder.features_file("val"), "w") as file:
        file["features"] = np.zeros((4, 2, 3, 3), np.float32)
    with pytest.raises(DataError, match=r"features of 4 images, but question 16 is about image 4"):
        ClevrQuestions(folder, "val", vocabulary, BlindView())
    assert len(ClevrQuestions(folder, "val", vocabulary, BlindView(), limit=16)) == 16
    with h5py.File(folder.features_file("val"), "w") as file:
        file["features"] = np.zeros((6, 18), np.float32)
    with pytest.raises(DataError, match="'features' should have 4 dimensions"):
        ClevrQuestions(folder, "val", vocabulary, BlindView())


def test_a_model_of_states_needs_scenes_beside_them(folder: IepFolder, world: Any) -> None:
    vocabulary = iep_vocabulary(folder.questions_file("val"))
    with pytest.raises(DataError, match=r"CLEVR_val_scenes\.json does not exist"):
        ClevrQuestions(folder, "val", vocabulary, StateView("onehot", 10))
    shutil.copytree(world.root / "scenes", folder.root / "scenes")
    data = ClevrQuestions(folder, "val", vocabulary, StateView("onehot", 10))
    assert data[0].seen.objects is not None
