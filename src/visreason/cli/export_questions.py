"""`visreason export-questions`: questions in the HDF5 of clevr-iep."""

from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from visreason.data.vocabulary import Vocabulary


def export_questions(
    data: Path,
    out: Path,
    *,
    split: str = "val",
    vocab: Path | None = None,
    write_vocab: Path | None = None,
    mode: Literal["prefix", "postfix", "chain"] = "prefix",
    expand_vocab: bool = False,
    unk_threshold: int = 1,
    encode_unk: bool = False,
    overwrite: bool = False,
    json: bool = False,
) -> None:
    """Write questions, programs and answers as numbers, as clevr-iep and its followers read them.

    Args:
        data: a data folder in CLEVR v1.0 layout, or a file of questions.
        out: the HDF5 file to write; named SPLIT_questions.h5, with its vocabulary as vocab.json beside it, it
            is part of a folder that clevr-iep, `train` and `test` can read.
        split: of the data folder.
        vocab: the vocab.json that numbers the tokens; without it one is made of the questions.
        write_vocab: write the vocabulary that was used to this file.
        mode: the form of the programs.
        expand_vocab: append the questions' new words to --vocab, in alphabetical order.
        unk_threshold: a word is taken into a new or expanded vocabulary when it occurs so often.
        encode_unk: write unknown words as <UNK>; without it an unknown word is an error.
        overwrite: replace files that are there.
        json: print an object with the keys file, vocabulary (null where none was written), questions,
            longest_question, programs, longest_program, answers and unknown (words written as <UNK>).

    Example:
        visreason export-questions CLEVR_v1.0 data/val_questions.h5 --split val --vocab data/vocab.json
    """
    from dataclasses import asdict

    from visreason.clevr.folder import ClevrFolder
    from visreason.cli.tables import messages, print_json
    from visreason.data.iep_export import export_questions as export
    from visreason.errors import UsageError
    from visreason.files import write_json

    for path in (out, write_vocab):
        if path is not None and path.exists() and not overwrite:
            raise UsageError(f"{path} exists. Give another file, or --overwrite to replace it.")
    _check_vocabulary_flags(vocab, write_vocab, unk_threshold, expand=expand_vocab)
    questions = ClevrFolder(data).questions_file(split) if data.is_dir() else data
    with messages().status(f"exporting {questions.name}"):
        vocabulary = _vocabulary(questions, vocab, unk_threshold, expand=expand_vocab)
        made = export(questions, out, vocabulary, mode, allow_unknown=encode_unk)
    if write_vocab is not None:
        write_json(write_vocab, vocabulary.to_iep())
    if json:
        written = None if write_vocab is None else str(write_vocab)
        print_json({"file": str(out), "vocabulary": written, **asdict(made)})
        return
    print(
        f"{out}: {made.questions:,} questions of at most {made.longest_question} words, {made.programs:,} programs "
        f"of at most {made.longest_program} tokens, {made.answers:,} answers; {made.unknown:,} words are <UNK>."
    )
    if write_vocab is not None:
        print(
            f"{write_vocab}: {len(vocabulary.words) + 1} words, {len(vocabulary.symbols)} program tokens, "
            f"{len(vocabulary.answers)} answers."
        )


def _check_vocabulary_flags(
    vocab: Path | None, write_vocab: Path | None, threshold: int, *, expand: bool
) -> None:
    """Reject flags that contradict each other, and numbers whose meaning would be lost."""
    from visreason.errors import UsageError

    if expand and vocab is None:
        raise UsageError("--expand-vocab needs a vocabulary to expand. Give --vocab FILE.")
    if write_vocab is None and (vocab is None or expand):
        raise UsageError(
            "a new vocabulary must be kept, or nobody can read the numbers. Give --write-vocab FILE"
            f"{'' if expand else ', or --vocab FILE to use one that is there'}."
        )
    if threshold < 1 or (threshold > 1 and vocab is not None and not expand):
        raise UsageError(
            f"--unk-threshold is at least 1, and chooses the words of a new or expanded vocabulary; got {threshold}"
            f"{'' if threshold < 1 else ' with --vocab but not --expand-vocab'}."
        )


def _vocabulary(questions: Path, vocab: Path | None, threshold: int, *, expand: bool) -> "Vocabulary":
    """The vocabulary that the flags ask for."""
    from visreason.data.iep_export import iter_texts, vocabulary_of_questions
    from visreason.data.vocabulary import Vocabulary
    from visreason.files import read_json

    if vocab is None:
        return vocabulary_of_questions(questions, threshold)
    known = Vocabulary.from_iep(read_json(vocab), str(vocab))
    return known.expanded(iter_texts(questions), threshold) if expand else known
