import pytest

from visreason.errors import (
    DataError,
    ModelError,
    ProgramError,
    UsageError,
    VisreasonError,
    VocabularyError,
)
from visreason.serve.failures import ApiError, detail_of, response


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (VocabularyError, "unknown_word"),
        (ProgramError, "ill_posed"),
        (ModelError, "wrong_model"),
        (UsageError, "wrong_use"),
        (DataError, "wrong_data"),
        (VisreasonError, "refused"),
    ],
)
def test_every_error_of_a_user_has_a_code_and_keeps_its_message(
    kind: type[VisreasonError], code: str
) -> None:
    detail = detail_of(kind("what to do"))
    assert (detail.code, detail.message) == (code, "what to do")


def test_every_kind_of_error_has_a_code_of_its_own() -> None:
    kinds = [VisreasonError, *VisreasonError.__subclasses__()]
    assert len({detail_of(kind("")).code for kind in kinds}) == len(kinds)


def test_a_refusal_has_its_status_and_headers() -> None:
    error = ApiError(503, "busy", "later", {"Retry-After": "1"})
    told = response(error.status, error.detail, error.headers)
    assert (told.status_code, told.headers["retry-after"]) == (503, "1")
    assert bytes(told.body) == b'{"error":{"code":"busy","message":"later"}}'
