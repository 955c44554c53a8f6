"""Reading one family of a template file, with every check.

Format: an entry of CLEVR's question-template files, `{"text": [...], "nodes": [...], "params": [...],
"constraints": [...]}`.
"""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from visreason.clevr.questions.functions import TEMPLATE_FUNCTIONS
from visreason.clevr.questions.purpose import QUESTIONS, Purpose
from visreason.clevr.questions.template import (
    Constraint,
    Null,
    OutputsDiffer,
    Template,
    TemplateNode,
    ValuesDiffer,
)
from visreason.clevr.questions.wording import parse_wording
from visreason.errors import DataError


def parse_template(
    record: Any, file: str, index: int, family: int, where: str, purpose: Purpose = QUESTIONS
) -> Template:
    """Make a template from its JSON record.

    Args:
        record: the decoded entry of a template file.
        file: the file's name without `.json`.
        index: its place in the file.
        family: its global number.
        where: what to call it in an error, such as `"templates/one_hop.json, family 2"`.
        purpose: what the template is for, which decides what its last node may give.

    Raises:
        DataError: a key is missing or of the wrong form; a node names an unknown function, reads what it
            cannot read or shares a slot with another; the last node gives what does not serve the purpose; a
            sentence has an unknown slot or lacks one that the program needs; a constraint speaks of what is
            not there. The message names it.
    """
    if not isinstance(record, dict):
        raise DataError(f"{where} should be a JSON object, not {record!r:.60}.")
    domains = _parse_params(_list(record, "params", where), where)
    nodes = _parse_nodes(_list(record, "nodes", where), domains, where, purpose)
    constraints = tuple(
        _parse_constraint(entry, len(nodes), domains, f"{where}, constraint {i}")
        for i, entry in enumerate(_list(record, "constraints", where))
    )
    texts = _list(record, "text", where)
    empty = {constraint.slot for constraint in constraints if isinstance(constraint, Null)}
    _check_texts(texts, domains, empty, where)
    return Template(file, index, family, tuple(texts), nodes, domains, constraints)


def _list(record: dict[str, Any], key: str, where: str) -> list[Any]:
    if not isinstance(record.get(key), list):
        given = f"{record[key]!r:.60}" if key in record else f"only {', '.join(map(repr, record))}"
        raise DataError(f"{where}: a family has a list {key!r}; this one has {given}.")
    found: list[Any] = record[key]
    return found


def _parse_params(entries: list[Any], where: str) -> dict[str, str]:
    """Slot to domain."""
    domains: dict[str, str] = {}
    for i, entry in enumerate(entries):
        here = f"{where}, param {i}"
        if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
            raise DataError(f'{here} should look like {{"type": "Size", "name": "<Z>"}}, not {entry!r:.60}.')
        name, kind = entry["name"], str(entry.get("type")).lower()
        if kind not in ("size", "color", "material", "shape", "relation"):
            raise DataError(
                f"{here} ({name}): unknown type {entry.get('type')!r}; "
                "expected Size, Color, Material, Shape or Relation."
            )
        if not (name.startswith("<") and name.endswith(">") and len(name) > 2):
            raise DataError(f"{here}: a parameter's name has angle brackets, as in '<Z2>', not {name!r}.")
        if name in domains:
            raise DataError(f"{here}: {name} is declared twice.")
        domains[name] = kind
    return domains


def _parse_nodes(
    entries: list[Any], domains: Mapping[str, str], where: str, purpose: Purpose
) -> tuple[TemplateNode, ...]:
    if not entries:
        raise DataError(
            f"{where} has no nodes; the shortest program is scene, then filter_count or filter_exist."
        )
    nodes: list[TemplateNode] = []
    for i, entry in enumerate(entries):
        nodes.append(_parse_node(entry, nodes, domains, f"{where}, node {i}"))
    slots = [slot for node in nodes for slot in node.slots]
    for slot in domains:
        if slots.count(slot) != 1:
            raise DataError(f"{where}: exactly one node has to use {slot}; {slots.count(slot)} do.")
    read = {source for node in nodes for source in node.inputs}
    loose = [f"{i} ({node.name})" for i, node in enumerate(nodes[:-1]) if i not in read]
    if loose:
        raise DataError(f"{where}: nothing reads node {', '.join(loose)}; only the last node may be a root.")
    if nodes[-1].function.output not in purpose.ends_in:
        raise DataError(
            f"{where}: the last node, {len(nodes) - 1} ({nodes[-1].name}), gives "
            f"{nodes[-1].function.output}; templates for {purpose.texts} end in "
            f"{' or '.join(sorted(purpose.ends_in))}."
        )
    return tuple(nodes)


def _parse_node(
    entry: Any, before: list[TemplateNode], domains: Mapping[str, str], here: str
) -> TemplateNode:
    if not isinstance(entry, dict) or not isinstance(entry.get("type"), str):
        raise DataError(
            f"{here} should be a JSON object that names its function under 'type', not {entry!r:.60}."
        )
    name, inputs, slots = entry["type"], entry.get("inputs", []), entry.get("side_inputs", [])
    here = f"{here} ({name})"
    function = TEMPLATE_FUNCTIONS.get(name)
    if function is None:
        near = get_close_matches(name, TEMPLATE_FUNCTIONS, n=3)
        raise DataError(
            f"{here}: unknown function. {'Nearest' if near else 'Known'}: "
            f"{', '.join(near or TEMPLATE_FUNCTIONS)}."
        )
    if not isinstance(inputs, list) or len(inputs) != len(function.inputs):
        raise DataError(f"{here}: takes {len(function.inputs)} inputs, got {inputs!r:.60}.")
    for source, expected in zip(inputs, function.inputs, strict=True):
        if type(source) is not int or not 0 <= source < len(before):
            raise DataError(
                f"{here}: input {source!r} is no earlier node; the earlier ones are 0 to {len(before) - 1}."
            )
        if before[source].function.output is not expected:
            raise DataError(
                f"{here}: input {source} should be of type {expected}, "
                f"but node {source} ({before[source].name}) gives {before[source].function.output}."
            )
    given = (
        [domains.get(slot, f"undeclared {slot!r}") for slot in slots] if isinstance(slots, list) else slots
    )
    if given != list(function.slots):
        raise DataError(
            f"{here}: 'side_inputs' should be declared params of the types "
            f"{', '.join(function.slots) or '(none)'} in this order, got {given}."
        )
    return TemplateNode(name, tuple(inputs), tuple(slots))


def _parse_constraint(entry: Any, nodes: int, domains: Mapping[str, str], here: str) -> Constraint:
    if not isinstance(entry, dict) or not isinstance(entry.get("params"), list):
        raise DataError(f'{here} should look like {{"type": "NULL", "params": ["<Z>"]}}, not {entry!r:.60}.')
    kind, params = entry.get("type"), entry["params"]
    if kind == "NULL":
        if len(params) == 1 and domains.get(params[0], "relation") != "relation":
            return Null(params[0])
        raise DataError(f"{here}: NULL takes one declared param that is an attribute, got {params}.")
    if kind == "OUT_NEQ":
        if len(params) == 2 and all(type(node) is int and 0 <= node < nodes for node in params):
            return OutputsDiffer(*params)
        raise DataError(f"{here}: OUT_NEQ takes two node numbers from 0 to {nodes - 1}, got {params}.")
    if kind == "NEQ":
        if len(params) == 2 and all(slot in domains for slot in params):
            return ValuesDiffer(*params)
        raise DataError(f"{here}: NEQ takes two declared params, got {params}.")
    raise DataError(f"{here}: unknown type {kind!r}; expected NULL, OUT_NEQ or NEQ.")


def _check_texts(texts: list[Any], domains: Mapping[str, str], empty: set[str], where: str) -> None:
    """Every sentence must fill only declared slots, and say all that the program asks for."""
    if not texts:
        raise DataError(f"{where} has no text; give at least one sentence.")
    for i, text in enumerate(texts):
        here = f"{where}, text {i}"
        if not isinstance(text, str) or not text.strip():
            raise DataError(f"{here} should be a sentence, not {text!r:.60}.")
        parse_wording(text, domains, here)
        missing = [slot for slot in domains if slot not in text and slot not in empty]
        if missing:
            raise DataError(
                f"{here}: {text!r} does not say {', '.join(missing)}, which its program asks for."
            )
