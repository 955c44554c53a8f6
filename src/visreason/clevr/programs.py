"""Functional programs: reading them from JSON with every check, and writing them back.

A program is a list of nodes; a node names its function, the earlier nodes it reads and its words. The last
node gives the answer. Format: the `program` key of CLEVR v1.0 questions, and `nodes` of CLEVR's question
templates.
"""

from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from typing import Any, Literal

from visreason.clevr.answers import QUESTION_TYPES
from visreason.clevr.functions import ANSWER_TYPES, FUNCTIONS, VALUE_DOMAINS, Function
from visreason.errors import ProgramError


@dataclass(frozen=True, slots=True)
class Node:
    """One step of a program.

    Attributes:
        function: a name in `visreason.clevr.functions.FUNCTIONS`.
        inputs: indices of the nodes it reads, all smaller than its own.
        values: its words, such as `("red",)` for `filter_color`.
    """

    function: str
    inputs: tuple[int, ...] = ()
    values: tuple[str, ...] = ()


Program = tuple[Node, ...]

_INT, _STR = {int}, {str}
_shared_node = lru_cache(maxsize=1 << 16)(Node)  # A big file has millions of nodes, but few different ones.


def parse_program(nodes: Any, where: str = "program", *, ends_in_answer: bool = True) -> Program:
    """Read a program from JSON and check it through and through.

    Both spellings of a node are read: `function` and `value_inputs` as in the released files, `type` and
    `side_inputs` as in the generator's templates and output.

    Args:
        nodes: the decoded list of nodes.
        where: what to call the program in an error, such as `"questions.json: question 7"`.
        ends_in_answer: whether the last node has to give an answer, as a question's does; a referring
            expression's gives objects.

    Raises:
        ProgramError: no list, an unknown function, a wrong number or type of inputs, a word outside the
            function's domain, an input that does not exist, a cycle, or nodes that nothing reads. The message
            names the node by number and function.

    Example:
        >>> parse_program([{"function": "scene"}, {"type": "count", "inputs": [0], "value_inputs": []}])
        (Node(function='scene', inputs=(), values=()), Node(function='count', inputs=(0,), values=()))
    """
    if not isinstance(nodes, list | tuple):
        raise ProgramError(f"{where}: a program is a list of nodes, not {nodes!r:.60}.")
    program = tuple(_parse_node(node, where, i) for i, node in enumerate(nodes))
    check_program(program, where, ends_in_answer=ends_in_answer)
    return program


def check_program(program: Program, where: str = "program", *, ends_in_answer: bool = True) -> None:
    """Check functions, words, arity, types, order and use of every node of a program.

    A `scene` that nothing reads is let through: the official generator leaves some in the released questions.

    Args:
        program: the nodes.
        where: what to call the program in an error.
        ends_in_answer: whether the last node has to give an answer.

    Raises:
        ProgramError: as `parse_program`.

    Example:
        >>> check_program((Node("scene"), Node("count", (0,)), Node("exist", (1,))), "p")
        Traceback (most recent call last):
        visreason.errors.ProgramError: p, node 2 (exist): input 1 should be ObjectSet,
        node 1 (count) is Integer.
    """
    if not program:
        raise ProgramError(f"{where} is empty; the shortest program is scene, then count or exist.")
    used: set[int] = set()
    for i, node in enumerate(program):
        function = _signature(node, where, i)
        for source, expected in zip(node.inputs, function.inputs, strict=True):
            if not 0 <= source < i:
                raise _fault(where, i, node.function, _explain_bad_input(program, i, source))
            given = FUNCTIONS[program[source].function]
            if given.output is not expected:
                why = f"input {source} should be {expected}, node {source} ({given.name}) is {given.output}."
                raise _fault(where, i, node.function, why)
        used.update(node.inputs)
    last = len(program) - 1
    loose = [i for i in range(last) if i not in used and program[i].function != "scene"]
    if loose:
        names = ", ".join(f"node {i} ({program[i].function})" for i in loose)
        raise ProgramError(f"{where}: nothing reads {names}; only the last node, {last}, may be a root.")
    if ends_in_answer and function.output not in ANSWER_TYPES:
        why = f"the last node gives {function.output}, which is no answer; end with count, exist or the like."
        raise _fault(where, last, function.name, why)


def sub_program(program: Program, place: int) -> Program:
    """The part of a program that one of its nodes depends on, that node last.

    Example:
        >>> program = (Node("scene"), Node("scene"), Node("count", (0,)), Node("exist", (1,)))
        >>> sub_program(program, 3)
        (Node(function='scene', inputs=(), values=()), Node(function='exist', inputs=(0,), values=()))
    """
    needed, waiting = set[int](), [place]
    while waiting:
        node = waiting.pop()
        needed.add(node)
        waiting += program[node].inputs
    number = {old: new for new, old in enumerate(sorted(needed))}
    return tuple(
        Node(
            program[old].function,
            tuple(number[source] for source in program[old].inputs),
            program[old].values,
        )
        for old in number
    )


def program_to_json(program: Program, key: Literal["function", "type"] = "function") -> list[dict[str, Any]]:
    """The JSON list of a program; `key` is `"function"` as released, or `"type"` as the generator writes it.

    Example:
        >>> program_to_json((Node("scene"), Node("exist", (0,))))[1]
        {'inputs': [0], 'function': 'exist', 'value_inputs': []}
    """
    return [
        {"inputs": list(node.inputs), key: node.function, "value_inputs": list(node.values)}
        for node in program
    ]


def question_type(program: Program) -> str:
    """The question type (one of `QUESTION_TYPES`) a program answers: its last function.

    Raises:
        ProgramError: the program is empty or ends in none of the 13 types.

    Example:
        >>> question_type((Node("scene"), Node("count", (0,))))
        'count'
    """
    if not program:
        raise ProgramError("an empty program has no question type.")
    last = program[-1].function
    if last not in QUESTION_TYPES:
        raise ProgramError(
            f"the program ends in node {len(program) - 1} ({last}), which is none of the 13 question types: "
            f"{', '.join(QUESTION_TYPES)}."
        )
    return last


def _fault(where: str, i: int, function: str, why: str) -> ProgramError:
    """The error that blames one node, by number and function."""
    return ProgramError(f"{where}, node {i} ({function}): {why}")


def _parse_node(record: Any, where: str, i: int) -> Node:
    """Read one node; only its form is checked here, its meaning in `check_program`."""
    if not isinstance(record, dict):
        raise ProgramError(f"{where}, node {i} should be a JSON object, not {record!r:.60}.")
    name = record.get("function", record.get("type"))
    if not isinstance(name, str):
        raise ProgramError(f"{where}, node {i} has no 'function' (or 'type') that names its function.")
    inputs = record.get("inputs", ())
    if not isinstance(inputs, list | tuple) or not set(map(type, inputs)) <= _INT:
        raise _fault(where, i, name, f"'inputs' should be a list of node numbers, not {inputs!r:.60}.")
    values = record.get("value_inputs", record.get("side_inputs", ()))
    if not isinstance(values, list | tuple) or not set(map(type, values)) <= _STR:
        raise _fault(where, i, name, f"'value_inputs' should be a list of words, not {values!r:.60}.")
    return _shared_node(name, tuple(inputs), tuple(values))


def _signature(node: Node, where: str, i: int) -> Function:
    """A node's function, after checking that the node has the inputs it takes and words it accepts."""
    function = FUNCTIONS.get(node.function)
    if function is None:
        near = get_close_matches(node.function, FUNCTIONS, n=3)
        known = f"Nearest: {', '.join(near)}." if near else f"Known: {', '.join(FUNCTIONS)}."
        raise _fault(where, i, node.function, f"unknown function. {known}")
    if len(node.inputs) != len(function.inputs):
        why = f"takes {len(function.inputs)} inputs, got {len(node.inputs)}: {list(node.inputs)}."
        raise _fault(where, i, node.function, why)
    if len(node.values) != len(function.values):
        why = f"takes {len(function.values)} words, got {len(node.values)}: {list(node.values)}."
        raise _fault(where, i, node.function, why)
    for word, domain in zip(node.values, function.values, strict=True):
        if word not in VALUE_DOMAINS[domain]:
            why = f"{word!r} is no {domain}; expected one of {', '.join(VALUE_DOMAINS[domain])}."
            raise _fault(where, i, node.function, why)
    return function


def _explain_bad_input(program: Program, i: int, source: int) -> str:
    """Why node i may not read node `source`: it does not exist, it depends on i, or it only comes later."""
    if not 0 <= source < len(program):
        return f"input {source} does not exist; the program's nodes are 0 to {len(program) - 1}."
    seen, waiting = set(), [source]
    while waiting:
        current = waiting.pop()
        if current == i:
            return (
                f"input {source} is this node or depends on it: a cycle. Let nodes read earlier nodes only."
            )
        if current not in seen and 0 <= current < len(program):
            seen.add(current)
            waiting.extend(program[current].inputs)
    return f"input {source} comes later in the list. Order the nodes so that each reads earlier nodes only."
