"""The question engine: templates, the search that fills them, their wording, and the balance of answers."""

from visreason.clevr.questions.balance import WINDOW
from visreason.clevr.questions.engine import QuestionEngine
from visreason.clevr.questions.folder import own_templates, read_templates
from visreason.clevr.questions.template import Template, TemplateSet

__all__ = ["WINDOW", "QuestionEngine", "Template", "TemplateSet", "own_templates", "read_templates"]
