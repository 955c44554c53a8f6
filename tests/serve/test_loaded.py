import asyncio
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from visreason.clevr.questions import QuestionEngine
from visreason.clevr.scene import Scene
from visreason.models import ModelFile
from visreason.serve.failures import ApiError
from visreason.serve.loaded import Seen
from visreason.serve.studio import Studio
from visreason.tasks.asking import answer_together, prepare

NAMES = ("states", "pixels", "attention", "blind", "stack", "generator", "engine")
IMAGE = np.random.default_rng(0).integers(0, 255, (60, 90, 3), np.uint8)


def close(one: Any, other: Any) -> bool:
    """Whether two JSON values are the same, numbers up to rounding."""
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(close(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(close, one, other))
    if isinstance(one, float):
        return one == pytest.approx(other, abs=1e-4, rel=1e-3)
    return bool(one == other)


@pytest.mark.parametrize("name", NAMES)
def test_questions_asked_together_get_the_answers_and_reasons_of_one_by_one(
    name: str, tiny: Callable[[str], ModelFile], scene: Scene
) -> None:
    model = tiny(name)
    texts = [question.text for question in QuestionEngine(seed=0).generate([scene], 7)]
    asked = [
        prepare(model, text, image=IMAGE, scene=scene, top=top) for top, text in enumerate(texts, start=1)
    ]
    together = [answer.to_dict() for answer in answer_together(model, asked)]
    alone = [answer_together(model, [one])[0].to_dict() for one in asked]
    assert len({len(text.split()) for text in texts}) > 1
    for one, other in zip(together, alone, strict=True):
        assert close(one, other)
    if name != "generator":
        assert [len(one["top"]) for one in together] == [1, 2, 3, 4, 5, 6, 7]


@pytest.mark.parametrize("name", NAMES)
def test_answers_without_their_reasons_are_the_same(
    name: str, tiny: Callable[[str], ModelFile], scene: Scene
) -> None:
    model = tiny(name)
    texts = [question.text for question in QuestionEngine(seed=4).generate([scene], 5)]
    asked = [prepare(model, text, image=IMAGE, scene=scene) for text in texts]
    explained, short = answer_together(model, asked), answer_together(model, asked, trace=False)
    for one, other in zip(explained, short, strict=True):
        assert close(one.top, other.top)
        assert one.program == other.program
        assert other.trace.steps == ()


@pytest.mark.parametrize("name", NAMES)
def test_many_at_once_are_answered_as_alone(name: str, studio: Studio, scene: Scene) -> None:
    model = studio.models[name]
    texts = [question.text for question in QuestionEngine(seed=1).generate([scene], 12)]

    async def ask(texts: list[str]) -> list[dict[str, Any]]:
        seen = Seen(scene, IMAGE)
        answers = await asyncio.gather(*(model.ask(text, seen, 3, trace=True) for text in texts))
        return [answer.model_dump(exclude={"milliseconds"}) for answer in answers]

    at_once = asyncio.run(ask(texts))
    alone = [asyncio.run(ask([text]))[0] for text in texts]
    assert all(map(close, at_once, alone))


def test_why_a_model_does_not_answer_is_told_with_a_code(studio: Studio) -> None:
    def ask(name: str, question: str) -> Any:
        return asyncio.run(studio.models[name].ask(question, Seen(None, None), 1, trace=True))

    assert ask("states", "Is it a cube?").error.code == "wrong_use"
    unknown = ask("blind", "How many cubez?")
    assert (unknown.answer, unknown.error.code) == (None, "unknown_word")
    assert "'cubes'" in unknown.error.message
    assert ask("regions", "How many cubes?").error.code == "wrong_model"


def test_what_a_model_is_for_is_known(studio: Studio) -> None:
    tasks = {name: model.task for name, model in studio.models.items()}
    assert tasks == dict.fromkeys(NAMES, "answer") | {
        "stack": "answer+locate",
        "generator": "programs",
        "regions": "regions",
    }
    record = studio.models["stack"].record(None)
    assert (record.input, record.recipe, record.scores) == ("pixels", "mine", None)
    assert record.parameters > 1000
    assert studio.models["regions"].words().classes[1] == "cup"
    assert "colour" in studio.models["engine"].words().words  # it is asked in the parser's words


def test_an_engine_says_why_it_is_not_asked(studio: Studio) -> None:
    def ask(question: str) -> Any:
        return asyncio.run(studio.models["engine"].ask(question, Seen(None, IMAGE), 1, trace=True)).error

    assert ask("How many cubez?").code == "unknown_word"
    odd = ask("Cubes how many?")
    assert odd.code == "wrong_use"
    assert "no wording of ours fits" in odd.message


def test_a_closed_model_refuses_the_request(tiny: Callable[[str], ModelFile]) -> None:
    from visreason.serve.limits import Limits
    from visreason.serve.loaded import LoadedModel

    model = LoadedModel("blind", tiny("blind"), Limits())
    model.worker.close()
    with pytest.raises(ApiError, match="the model blind is shutting down"):
        asyncio.run(model.ask("How many cubes?", Seen(None, None), 1, trace=False))
