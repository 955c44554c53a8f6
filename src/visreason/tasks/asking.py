"""One question about one image or scene: the likeliest answers, and the reasoning behind the first.

Shape suffixes: B = 1 question, T words, N objects, D numbers an object.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch

from visreason.clevr.folder import ClevrFolder
from visreason.clevr.program_forms import to_prefix
from visreason.clevr.questions.understand import find_program
from visreason.clevr.scene import Scene, scene_from_json
from visreason.clevr.scenes_file import iter_scenes
from visreason.data.encodings import encode_scene
from visreason.data.features.choice import choice_of
from visreason.data.images import Pixels, resize_image
from visreason.errors import DataError, UsageError
from visreason.files import read_json
from visreason.models import ModelFile, Output
from visreason.models.output import likeliest
from visreason.nn.backbone import Backbone, BackboneChoice
from visreason.nn.batch import Batch
from visreason.tasks.abilities import vocabulary_of
from visreason.tasks.asked_program import AskedProgram, with_truth
from visreason.tasks.recipes.task_kinds import ENGINES
from visreason.trace.schema import Trace

_ONE_SCENE = 1 << 20
"""A file of a single scene is smaller than this many bytes; larger ones are read scene by scene."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model answers.

    Attributes:
        trace: the likeliest answers with their probabilities, best first, and how the model came to the
            first.
        program: what a model that writes programs wrote, or what the parser made of the question for one that only
            executes them; else None.
    """

    trace: Trace
    program: AskedProgram | None = None

    @property
    def top(self) -> list[tuple[str, float]]:
        """The likeliest answers with their probabilities, best first."""
        return [(one.answer or str(one.index), one.probability) for one in self.trace.answers]

    def to_dict(self) -> dict[str, Any]:
        """The form of `ask --json`; a program generator alone gives no answer but the oracle's, if any."""
        top = [{"answer": answer, "probability": probability} for answer, probability in self.top]
        program = None if self.program is None else self.program.to_dict()
        answer = top[0]["answer"] if top else (program or {}).get("oracle")
        told = {"answer": answer, "top": top, "trace": self.trace.to_json()}
        return told if program is None else told | {"program": program}


@dataclass(frozen=True, slots=True)
class Prepared:
    """A question that a model can be asked, and what it then sees.

    Attributes:
        question: in the words that the model knows.
        batch: of this one question.
        scene: what it is about, where that is known.
        top: how many answers are told.
        program: of the question in prefix order, where the parser had to find it for the model.
    """

    question: str
    batch: Batch
    scene: Scene | None
    top: int
    program: tuple[str, ...] | None = None


def ask_model(
    model: ModelFile, question: str, *, image: Pixels | None = None, scene: Scene | None = None, top: int = 5
) -> Answer:
    """Ask a model one question; arguments and errors as for `prepare`."""
    return answer_together(model, [prepare(model, question, image=image, scene=scene, top=top)])[0]


def prepare(
    model: ModelFile, question: str, *, image: Pixels | None = None, scene: Scene | None = None, top: int = 5
) -> Prepared:
    """Make a question ready for a model.

    Args:
        model: of question answering, with a vocabulary.
        question: in the words that the model knows.
        image: what it looks at, if it reads pixels; any size, RGB.
        scene: what it looks at, if it reads states; with other models it is not needed, but where it is known the
            oracle says what is true at each step of a program.
        top: how many answers.

    Raises:
        VocabularyError: a word is unknown; the message names the nearest.
        DataError: the question is empty, or the scene has too many objects.
        ModelError: the model has no vocabulary, or answers no questions.
        UsageError: the image or scene that the model reads is missing, `top` is less than 1, or the model executes
            programs but writes none, and the parser does not understand the question.
    """
    if top < 1:
        raise UsageError(f"--top must be at least 1; got {top}.")
    if getattr(model.config, "answer_count", 0) is None:
        raise UsageError("this model answers no questions, it locates things: `visreason locate`.")
    if model.family in ENGINES:
        return _prepare_program(model, question, image, scene, top)
    words = vocabulary_of(model).encode(question)
    return Prepared(question, look(model, words, image, scene), scene, top)


def _prepare_program(
    model: ModelFile, question: str, image: Pixels | None, scene: Scene | None, top: int
) -> Prepared:
    """A question for a model that reads no words: it is given the program that the parser makes of them."""
    program = find_program(question)
    if program is None:
        raise UsageError(
            f"a {model.family} executes programs and writes none, and no wording of ours fits this question, so its "
            "program is not known. Word it as CLEVR does, or join the model with a generator: `visreason train iep "
            "--model_init.engine_from RUN --model_init.generator_from RUN`."
        )
    numbers = vocabulary_of(model).encode_program(program)
    batch = replace(look(model, (), image, scene), programs=torch.tensor([numbers]))
    return Prepared(question, batch, scene, top, to_prefix(program))


def answer_together(model: ModelFile, prepared: Sequence[Prepared], *, trace: bool = True) -> list[Answer]:
    """The answers to questions that were prepared for a model, all in one batch: the same as one by one.

    Args:
        model: as they were prepared for.
        prepared: one or more.
        trace: False: do not find out how the model came to them, which is quicker; the traces have no steps then.
    """
    with torch.no_grad():
        output: Output = model.model(Batch.join([one.batch for one in prepared]), trace=trace)
    bare = [Trace(family=model.family, steps=())] * len(prepared)
    return [
        _answer(model, one, output, row, reasoning)
        for row, (one, reasoning) in enumerate(zip(prepared, output.trace or bare, strict=True))
    ]


def _answer(model: ModelFile, asked: Prepared, output: Output, row: int, trace: Trace) -> Answer:
    """One row of what a model gives, in words."""
    vocabulary, scene = vocabulary_of(model), asked.scene
    answers = (
        likeliest(output.logits[row : row + 1], asked.top)[0] if output.logits.dim() == 2 else ()
    )  # a generator scores symbols
    trace = replace(trace, answers=answers)
    trace = trace.describe(vocabulary.tokenise(asked.question), vocabulary.answers)
    if model.meta["inputs"]["kind"] == "state" and scene is not None:
        trace = trace.place([thing.pixel for thing in scene.objects], size=(480, 320))
    if output.programs is not None:
        program = AskedProgram.of(vocabulary.decode_program(output.programs[row].tolist()), scene)
    elif asked.program is not None:
        program = AskedProgram.of(asked.program, scene, "parser")
    else:
        return Answer(trace)
    if scene is not None and trace.steps:
        trace = with_truth(trace, program.tokens, scene)
    return Answer(trace, program)


def look(
    model: ModelFile, words: Sequence[int], image: Pixels | None = None, scene: Scene | None = None
) -> Batch:
    """A batch of one question or expression, with what the model sees.

    Args:
        model: says what it sees.
        words: vocabulary indices; none for a model that reads programs.
        image: what it looks at, if it reads pixels or features.
        scene: what it looks at, if it reads states.

    Raises:
        UsageError: the image or scene that the model reads is missing.
    """
    batch = Batch(tokens=torch.tensor([words], dtype=torch.long), lengths=torch.tensor([len(words)]))
    inputs = model.meta["inputs"]
    if inputs["kind"] == "pixels":
        batch.images = _pixels(image, tuple(inputs["image_size"]))
    elif inputs["kind"] == "features":
        batch.features = _features(image, inputs)
    elif inputs["kind"] == "state":
        batch.objects, batch.object_mask = _states(scene, inputs)
    return batch


def find_scene(image: Path, scene_file: Path | None) -> Scene:
    """The scene of an image.

    Args:
        image: its file, which need not exist; only the name counts where `scene_file` is given.
        scene_file: JSON with one scene, or with `scenes` of which one has the image's name. None looks where
            CLEVR's layout has it: image `DATA/images/SPLIT/NAME` in `DATA/scenes/CLEVR_SPLIT_scenes.json`.

    Raises:
        UsageError: no scene was given, and none lies where the layout has it.
        DataError: the file is broken, or holds no scene of this image.
    """
    scene_file = scene_file or _scenes_beside(image)
    if scene_file is None:
        raise UsageError(
            f"this model reads scene descriptions, not pixels, and there is none for {image}. Give --scene FILE "
            "(one scene, or a scenes file), or an image inside a data folder with scenes."
        )
    if scene_file.is_file() and scene_file.stat().st_size < _ONE_SCENE:
        record = read_json(scene_file)
        if isinstance(record, dict) and "objects" in record:
            return scene_from_json(record, str(scene_file))
    for scene in iter_scenes(scene_file):
        if scene.image_filename == image.name:
            return scene
    raise DataError(f"{scene_file} holds no scene of an image called {image.name}. Check the split.")


def known_scene(image: Path, scene_file: Path | None) -> Scene | None:
    """The scene of an image, as `find_scene`, but None where no scenes are given and none lie in the layout.

    Raises:
        DataError: the file is broken, or holds no scene of this image.
    """
    return None if scene_file is None and _scenes_beside(image) is None else find_scene(image, scene_file)


def _scenes_beside(image: Path) -> Path | None:
    """The scenes file of the data folder that an image lies in, or None."""
    place = image.resolve()
    if len(place.parents) > 2:
        scenes = ClevrFolder(place.parents[2]).scenes_file(place.parent.name)
        if scenes.is_file():
            return scenes
    return None


def picture_of(scene: Scene) -> Pixels:
    """A scene as an image, `[320, 480, 3]`, for explanations where there is no image file."""
    from visreason.render import render  # takes a second to import, and most questions do not need it

    pixels: Pixels = render([scene]).rgb[0].cpu().numpy()
    return pixels


def _pixels(image: Pixels | None, size: tuple[int, int]) -> torch.Tensor:
    """An image as a model reads it, `[1, 3, H, W]` in [0, 1]."""
    if image is None:
        raise UsageError("this model reads pixels: give it an image.")
    return torch.from_numpy(resize_image(image, size).copy()).permute(2, 0, 1)[None].float() / 255


def _features(image: Pixels | None, inputs: Mapping[str, Any]) -> torch.Tensor:
    """An image's features as a model reads them, `[1, C, h, w]`."""
    if image is None:
        raise UsageError("this model reads features of an image: give it an image.")
    choice = choice_of(inputs)
    pixels = resize_image(image, choice.size, bicubic=True)
    features: torch.Tensor = _backbone(choice)(
        torch.from_numpy(pixels.copy()).permute(2, 0, 1)[None].float() / 255
    )
    return features


@lru_cache(maxsize=1)
def _backbone(choice: BackboneChoice) -> Backbone:
    """A backbone, kept for the next question."""
    from visreason.nn.backbones import load_backbone  # most models need none

    return load_backbone(choice)


def _states(scene: Scene | None, inputs: Mapping[str, Any]) -> tuple[torch.Tensor, torch.Tensor]:
    """A scene as a model reads it, `[1, N, D]`, and which rows are objects, `[1, N]`."""
    if scene is None:
        raise UsageError("this model reads scene descriptions: give it a scene.")
    objects_ND, mask_N = encode_scene(scene, inputs["encoding"], inputs["max_objects"])
    return torch.from_numpy(objects_ND)[None], torch.from_numpy(mask_N)[None]
