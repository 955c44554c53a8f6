"""The API against its own description: whatever is sent, the answer is one that the description has."""

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from visreason.serve.application import PREFIX, create_app
from visreason.serve.guard import Gate
from visreason.serve.studio import Studio

RIGHT, WRONG = GenerationMode.POSITIVE, GenerationMode.NEGATIVE
ROUTES = [
    (method.upper(), path, mode)
    for path, methods in create_app(Studio()).openapi()["paths"].items()
    for method, described in methods.items()
    for mode in ((RIGHT, WRONG) if "requestBody" in described else (RIGHT,))
]
"""Every route with right requests, and those that read a body with wrong ones."""


@pytest.fixture(scope="session")
def described(studio: Studio) -> Any:
    """The description of a studio with models, which can call it."""
    return schemathesis.openapi.from_asgi(f"{PREFIX}/openapi.json", create_app(studio, Gate(hosts=None)))


@pytest.mark.parametrize(("method", "path", "mode"), ROUTES)
def test_every_answer_is_one_that_is_described(
    described: Any, method: str, path: str, mode: GenerationMode
) -> None:
    operation = described[path][method]

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    def ask(case: Any) -> None:
        case.call_and_validate(excluded_checks=[positive_data_acceptance])

    ask()
