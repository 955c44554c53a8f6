from pathlib import Path

from visreason.clevr.functions import ANSWER_TYPES, FUNCTIONS, TOKENS, VALUE_DOMAINS, Type, token
from visreason.clevr.programs import Program
from visreason.clevr.question import Question
from visreason.files import read_json


def test_signatures_are_those_of_the_official_metadata(shared: Path) -> None:
    official = read_json(shared / "data" / "clevr_templates" / "metadata.json")["functions"]
    signatures = {
        entry["name"]: (
            entry["inputs"],
            [word.lower() for word in entry.get("side_inputs", [])],
            entry["output"],
        )
        for entry in official
        if not entry.get("template_only")
    }
    ours = {f.name: (list(f.inputs), list(f.values), f.output) for f in FUNCTIONS.values()}
    assert ours == signatures


def test_there_are_40_tokens_the_vocabulary_of_clevr_iep(shared: Path) -> None:
    vocabulary = read_json(shared / "fixtures" / "vocab.json")["program_token_to_idx"]
    specials = {"<NULL>", "<START>", "<END>", "<UNK>"}
    assert len(TOKENS) == 40
    assert set(TOKENS) == set(vocabulary) - specials
    # The vocabulary numbers them in our order, from 4.
    assert [vocabulary[name] for name in TOKENS] == list(range(4, 44))


def test_real_programs_use_every_token_and_no_other(real_questions: list[Question]) -> None:
    programs: list[Program] = [
        question.program for question in real_questions if question.program is not None
    ]
    assert {token(node.function, node.values) for program in programs for node in program} == set(TOKENS)


def test_every_domain_and_type_is_known() -> None:
    for function in FUNCTIONS.values():
        assert set(function.values) <= set(VALUE_DOMAINS)
        assert function.output in Type
    assert {Type.OBJECT, Type.OBJECT_SET} == set(Type) - ANSWER_TYPES
