from collections.abc import Iterator

import pytest

from visreason.clevr.programs import Program
from visreason.clevr.questions import QuestionEngine, own_templates
from visreason.clevr.questions.restrict import can_obey, depth_range, rests, templates_within
from visreason.clevr.rules import Rules, parse_rule
from visreason.clevr.sampling import sample_scene, scene_rng
from visreason.errors import UsageError

TEMPLATES = own_templates()


@pytest.fixture(scope="module")
def programs() -> list[tuple[int, Program]]:
    scenes = [sample_scene(scene_rng(0, "val", i), i, "val") for i in range(60)]
    return [(q.family or 0, q.program or ()) for q in QuestionEngine().generate(scenes)]


def depths(program: Program) -> Iterator[int]:
    found: list[int] = []
    for node in program:
        found.append(1 + max((found[source] for source in node.inputs), default=0))
        yield found[-1]


def test_every_program_is_as_deep_as_its_template_allows(programs: list[tuple[int, Program]]) -> None:
    ranges = [depth_range(template) for template in TEMPLATES.templates]
    for family, program in programs:
        low, high = ranges[family]
        assert low <= list(depths(program))[-1] <= high


def test_rests_lead_from_each_scene_to_the_whole_depth() -> None:
    for template in TEMPLATES.templates:
        starts = [rest for rest, node in zip(rests(template), template.nodes, strict=True) if not node.inputs]
        assert max(low for low, _ in starts) + 1 == depth_range(template)[0]
        assert max(high for _, high in starts) + 1 == depth_range(template)[1]
        assert rests(template)[-1] == (0, 0)


def test_a_relation_is_asked_for_only_where_there_is_one() -> None:
    left, alike = parse_rule("relations=left+red"), parse_rule("relations=same_size+red")
    files = [{each.file for each in TEMPLATES.templates if can_obey(each, rule)} for rule in (left, alike)]
    assert files[0] >= {"one_hop", "single_and"}
    assert files[1] == {"same_relate"}
    assert "zero_hop" not in files[0]


def test_rules_that_leave_no_template_say_how_many_each_leaves() -> None:
    rules = Rules.parse(["families=84-89", "depth>=8", "relations=left+red"])
    with pytest.raises(UsageError) as error:
        templates_within(TEMPLATES, rules)
    said = "of 6 families, 0 can obey depth>=8, 6 can obey families=84-89, 0 can obey relations=left+red"
    assert said in str(error.value)
    assert "depths 2 to 6" in str(error.value)
