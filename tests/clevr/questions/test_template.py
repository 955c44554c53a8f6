from visreason.clevr.questions import own_templates
from visreason.clevr.questions.functions import TEMPLATE_FUNCTIONS


def test_names_and_functions() -> None:
    template = own_templates().templates[39]
    assert template.name == "same_relate/3"
    assert [node.function for node in template.nodes] == [
        TEMPLATE_FUNCTIONS[node.name] for node in template.nodes
    ]
