"""The question engine: templates, the search that fills them, their wording, and the balance of answers."""

from visreason.clevr.questions.balance import WINDOW
from visreason.clevr.questions.engine import QuestionEngine
from visreason.clevr.questions.folder import (
    caption_templates,
    own_templates,
    read_templates,
    referring_templates,
)
from visreason.clevr.questions.template import Template, TemplateSet

__all__ = [
    "WINDOW",
    "QuestionEngine",
    "Template",
    "TemplateSet",
    "caption_templates",
    "own_templates",
    "read_templates",
    "referring_templates",
]
