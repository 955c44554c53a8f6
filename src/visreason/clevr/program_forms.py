"""Programs as sequences of tokens: prefix, postfix and chain form, and trees.

A program's graph may let two nodes read one; a sequence cannot, so what is shared is written out once for each
reader, and `merge_equal` finds it again. A token is a function with its words, `filter_color[red]`. Forms and tokens
are those of clevr-iep (Johnson et al., "Inferring and Executing Programs for Visual Reasoning", ICCV 2017).
"""

from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches

from visreason.clevr.functions import FUNCTIONS, VALUE_DOMAINS, token
from visreason.clevr.programs import Node, Program, check_program
from visreason.errors import ProgramError

LONGEST = 4096
"""The most tokens of a sequence; CLEVR's programs have at most 25, but sharing can hide any number."""

Tokens = tuple[str, ...]


def _catalogue() -> dict[str, tuple[str, Tokens]]:
    """Every token of CLEVR's catalogue with its function and words."""
    parts: dict[str, tuple[str, Tokens]] = {}
    for function in FUNCTIONS.values():
        words: list[Tokens] = [(word,) for domain in function.values for word in VALUE_DOMAINS[domain]]
        parts |= {token(function.name, values): (function.name, values) for values in words or [()]}
    return dict(sorted(parts.items()))


_PARTS = _catalogue()

ARITIES: dict[str, int] = {name: len(FUNCTIONS[function].inputs) for name, (function, _) in _PARTS.items()}
"""Token to the number of inputs it reads (0, 1 or 2): the 40 of `visreason.clevr.functions.TOKENS` and
`equal_object`."""


def to_prefix(program: Program, where: str = "program") -> Tokens:
    """The root first, then the subtree of each of its inputs.

    Args:
        program: as `visreason.clevr.programs.parse_program` gives it.
        where: what to call the program in an error.

    Raises:
        ProgramError: written out, what the program shares is longer than `LONGEST` tokens.

    Example:
        >>> scene, few, many = Node("scene"), Node("count", (0,)), Node("less_than", (1, 1))
        >>> to_prefix((scene, few, many))
        ('less_than', 'count', 'scene', 'count', 'scene')
    """
    return tuple(_written_out(program, where, first_input_first=True))


def to_postfix(program: Program, where: str = "program") -> Tokens:
    """The subtree of each of the root's inputs first, the root last: an order in which it can be executed.

    Args:
        program: as `visreason.clevr.programs.parse_program` gives it.
        where: what to call the program in an error.

    Raises:
        ProgramError: as `to_prefix`.

    Example:
        >>> to_postfix((Node("scene"), Node("filter_size", (0,), ("small",)), Node("exist", (1,))))
        ('scene', 'filter_size[small]', 'exist')
    """
    return tuple(_written_out(program, where, first_input_first=False))[::-1]


def to_chain(program: Program, where: str = "program") -> Tokens:
    """The functions in the order in which they run, of a program where each reads only the one before.

    Raises:
        ProgramError: a function reads two inputs, so that an order alone does not tell which.

    Example:
        >>> to_chain((Node("scene"), Node("count", (0,))))
        ('scene', 'count')
    """
    if not is_chain(program):
        i = next(i for i, node in enumerate(program) if len(node.inputs) > 1)
        raise ProgramError(
            f"{where} is no chain: node {i} ({program[i].function}) reads {len(program[i].inputs)} inputs. "
            "Write it in prefix or postfix form."
        )
    return to_postfix(program, where)


def is_chain(program: Program) -> bool:
    """Whether no function reads more than one input.

    Example:
        >>> is_chain((Node("scene"), Node("count", (0,)))), is_chain((Node("scene"), Node("union", (0, 0))))
        (True, False)
    """
    return all(len(node.inputs) < 2 for node in program)


FORMS: Mapping[str, Callable[[Program, str], Tokens]] = {
    "prefix": to_prefix,
    "postfix": to_postfix,
    "chain": to_chain,
}
"""The forms in which files hold programs, by name."""


def from_prefix(tokens: Sequence[str], where: str = "program", *, ends_in_answer: bool = True) -> Program:
    """The program that a prefix sequence spells: one node a token, in postfix order.

    Args:
        tokens: functions with their words.
        where: what to call the program in an error.
        ends_in_answer: whether the root has to give an answer.

    Raises:
        ProgramError: an unknown token, a tree that is still open at the end, tokens after it has closed, or a
            function that reads what it cannot; the message names the token.

    Example:
        >>> from_prefix(["exist", "filter_size[small]", "scene"])[1]
        Node(function='filter_size', inputs=(0,), values=('small',))
        >>> from_prefix(["exist", "union", "scene"], "p")
        Traceback (most recent call last):
        visreason.errors.ProgramError: p ends too early: token 1 (union) still lacks 1 of its 2 inputs.
        >>> from_prefix(["exist", "scene", "count"], "p")
        Traceback (most recent call last):
        visreason.errors.ProgramError: p: the tree is complete after 2 tokens, but 1 more follows: count.
    """
    _check_tokens(tokens, where)
    program: list[Node] = []
    waiting: list[tuple[int, list[int]]] = []  # each open token with the nodes of the inputs it has so far
    for i in range(len(tokens)):
        if i and not waiting:
            raise _left_over(tokens, i, where)
        waiting.append((i, []))
        while waiting and len(waiting[-1][1]) == ARITIES[tokens[waiting[-1][0]]]:
            place, inputs = waiting.pop()
            program.append(_node(tokens[place], inputs))
            if waiting:
                waiting[-1][1].append(len(program) - 1)
    if waiting:
        place, inputs = waiting[-1]
        arity = ARITIES[tokens[place]]
        lacks = "its input" if arity == 1 else f"{arity - len(inputs)} of its {arity} inputs"
        raise ProgramError(f"{where} ends too early: token {place} ({tokens[place]}) still lacks {lacks}.")
    check_program(tuple(program), where, ends_in_answer=ends_in_answer)
    return tuple(program)


def from_postfix(tokens: Sequence[str], where: str = "program", *, ends_in_answer: bool = True) -> Program:
    """The program that a postfix sequence (or a chain) spells: node i is token i.

    Args:
        tokens: functions with their words.
        where: what to call the program in an error.
        ends_in_answer: whether the last token has to give an answer.

    Raises:
        ProgramError: an unknown token, a function without its inputs, subtrees that nothing reads, or a function
            that reads what it cannot; the message names the token.

    Example:
        >>> from_postfix(["scene", "count"])
        (Node(function='scene', inputs=(), values=()), Node(function='count', inputs=(0,), values=()))
        >>> from_postfix(["scene", "union", "count"], "p")
        Traceback (most recent call last):
        visreason.errors.ProgramError: p: token 1 (union) reads 2 inputs, but only 1 comes before it.
    """
    _check_tokens(tokens, where)
    program: list[Node] = []
    ready: list[int] = []
    for i, name in enumerate(tokens):
        arity = ARITIES[name]
        if arity > len(ready):
            comes = f"only {len(ready)} comes" if ready else "none comes"
            raise ProgramError(
                f"{where}: token {i} ({name}) reads {arity} input{'s' if arity > 1 else ''}, but {comes} "
                "before it."
            )
        first = len(ready) - arity
        program.append(_node(name, ready[first:]))
        ready[first:] = [i]
    if len(ready) > 1:
        loose = ", ".join(f"token {i} ({tokens[i]})" for i in ready[:-1])
        raise ProgramError(f"{where}: nothing reads {loose}; only the last token may be a root.")
    check_program(tuple(program), where, ends_in_answer=ends_in_answer)
    return tuple(program)


def complete_prefix(tokens: Sequence[str]) -> Tokens:
    """Any sequence made into one whose tree closes: what is missing becomes `scene`, what follows is left out.

    These are the rules by which clevr-iep executes whatever a generator says. The result need not type-check:
    a neural module runs on any input. `from_prefix` is the strict reading, which rejects instead.

    Raises:
        ProgramError: an unknown token.

    Example:
        >>> complete_prefix(["count", "union", "filter_color[red]", "scene"])
        ('count', 'union', 'filter_color[red]', 'scene', 'scene')
        >>> complete_prefix(["exist", "scene", "count"]), complete_prefix([])
        (('exist', 'scene'), ('scene',))
    """
    missing = 1
    for i, name in enumerate(tokens):
        if not missing:
            return tuple(tokens[:i])
        missing += _arity(name, i, "program") - 1
    return (*tokens, *["scene"] * missing)


def to_tree(program: Program, where: str = "program") -> Program:
    """The same program with every node read exactly once, in postfix order; shared nodes are written out.

    Raises:
        ProgramError: as `to_prefix`.

    Example:
        >>> [node.inputs for node in to_tree((Node("scene"), Node("count", (0,)), Node("less_than", (1, 1))))]
        [(), (0,), (), (2,), (1, 3)]
    """
    return from_postfix(to_postfix(program, where), where, ends_in_answer=False)


def merge_equal(program: Program) -> Program:
    """The same program with every equal sub-program there only once, read by all its readers.

    Nodes keep their order, nodes that nothing reads are left out, and the values do not change; a tree of n tokens
    becomes the smallest graph.

    Example:
        >>> merge_equal(from_prefix(("less_than", "count", "scene", "count", "scene")))[1:]
        (Node(function='count', inputs=(0,), values=()), Node(function='less_than', inputs=(1, 1), values=()))
    """
    read = {len(program) - 1}
    for i in reversed(range(len(program))):
        if i in read:
            read.update(program[i].inputs)
    places: dict[Node, int] = {}
    merged: list[int] = []
    for i, node in enumerate(program):
        same = Node(node.function, tuple(merged[source] for source in node.inputs), node.values)
        merged.append(places.setdefault(same, len(places)) if i in read else -1)
    return tuple(places)


def _written_out(program: Program, where: str, *, first_input_first: bool) -> list[str]:
    """The tokens from the root down; with the last input first, this is the postfix form read backwards."""
    tokens: list[str] = []
    waiting = [len(program) - 1]
    while waiting:
        node = program[waiting.pop()]
        tokens.append(token(node.function, node.values))
        waiting.extend(reversed(node.inputs) if first_input_first else node.inputs)
        if len(tokens) > LONGEST:
            raise ProgramError(f"{where}: what it shares is more than {LONGEST} functions when written out.")
    return tokens


def _node(name: str, inputs: Sequence[int]) -> Node:
    function, values = _PARTS[name]
    return Node(function, tuple(inputs), values)


def _check_tokens(tokens: Sequence[str], where: str) -> None:
    """Reject an empty sequence and unknown tokens."""
    if not tokens:
        raise ProgramError(f"{where} is empty; the shortest program is count or exist of scene.")
    for i, name in enumerate(tokens):
        _arity(name, i, where)


def _arity(name: str, i: int, where: str) -> int:
    """How many inputs a token reads."""
    if name not in ARITIES:
        near = get_close_matches(str(name), ARITIES, n=3)
        raise ProgramError(
            f"{where}, token {i}: {name!r} is no function of CLEVR"
            f"{'; the nearest are ' + ', '.join(near) if near else ''}."
        )
    return ARITIES[name]


def _left_over(tokens: Sequence[str], i: int, where: str) -> ProgramError:
    """The error for tokens after the closed tree."""
    rest = tokens[i:]
    shown = ", ".join(rest[:4]) + (", …" if len(rest) > 4 else "")
    follow = "1 more follows" if len(rest) == 1 else f"{len(rest)} more follow"
    return ProgramError(f"{where}: the tree is complete after {i} tokens, but {follow}: {shown}.")
