"""What a loaded model can do, and which words it knows."""

from visreason.data.vocabulary import Vocabulary
from visreason.errors import ModelError
from visreason.models import MODELS, ModelFile


def answers_questions(model: ModelFile) -> bool:
    """Whether a model answers questions, by itself or by programs that it is given.

    Others name attributes or regions, write programs, or point at what is described.
    """
    silent = model.family in (
        "attribute-cnn",
        "attribute-detector",
        "relation-counter",
        "program-generator",
    ) or names_regions(model)
    return not silent and getattr(model.config, "answer_count", 0) is not None


def names_regions(model: ModelFile) -> bool:
    """Whether a model names regions, rather than answers questions."""
    return MODELS[model.family].reads == "regions"


def vocabulary_of(model: ModelFile) -> Vocabulary:
    """The words and answers that a model knows.

    Raises:
        ModelError: it knows none: it answers no questions, or was imported without dictionaries.
    """
    if "vocabulary" not in model.meta:
        raise ModelError(
            "this model has no vocabulary. If it was imported, import it again with --dictionaries; a model "
            "that names attributes answers no questions."
        )
    return Vocabulary.from_dict(model.meta["vocabulary"], "the model's vocabulary")
