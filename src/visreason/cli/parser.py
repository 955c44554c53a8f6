"""From a verb's typed function to its command line: the signature is the arguments, the docstring is the help."""

import argparse
import inspect
import re
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

import jsonargparse
from docstring_parser import Docstring, parse

from visreason.errors import UsageError


class Parser(jsonargparse.ArgumentParser):
    """An argument parser whose errors are for people: no usage dump, one line and what to try."""

    def error(self, message: str, ex: Exception | None = None) -> Any:
        """Raise instead of exiting, so that one place decides how errors are shown."""
        text = re.sub(r'^Parser key "(\w+)":\s*', lambda m: f"--{m[1].replace('_', '-')}: ", message.strip())
        raise UsageError(f"{text}\nSee `{self.prog} --help`.") from ex


def build_parser(verb: str, function: Callable[..., None]) -> Parser:
    """Make the parser of `visreason VERB` from the verb's function.

    Parameters before `*` are positional; the rest are flags with dashes for underscores. `bool = False` is a switch,
    `Literal` lists choices, a positional `list[X]` takes one or more values, a flag of type `list[X]` may be repeated.
    The docstring's summary and `Args` are the help; what follows `Example:` ends it.

    Example:
        >>> def greet(name: str, *, times: int = 1) -> None:
        ...     '''Greet someone.
        ...
        ...     Args:
        ...         name: whom.
        ...     '''
        >>> build_parser("greet", greet).parse_args(["Ada", "--times", "2"]).times
        2
    """
    doc = parse(inspect.getdoc(function) or "")
    parser = Parser(
        prog=f"visreason {verb}",
        description="\n\n".join(filter(None, (doc.short_description, doc.long_description))),
        epilog=_example(doc),
        formatter_class=argparse.HelpFormatter,
        add_help=True,
    )
    helps = {param.arg_name: param.description or "" for param in doc.params}
    for parameter in inspect.signature(function, eval_str=True).parameters.values():
        if parameter.kind is not inspect.Parameter.VAR_KEYWORD:
            parser.add_argument(*_names(parameter), **_options(parameter, helps.get(parameter.name, "")))
    parser.add_argument("--debug", action="store_true", help="show the traceback of an error (switch)")
    return parser


def split_overrides(arguments: list[str]) -> tuple[list[str], dict[str, str]]:
    """Separate dotted settings (`--optimiser.lr 1e-4`, `--optimiser.lr=1e-4`) from a verb's own arguments.

    Raises:
        UsageError: a dotted setting has no value.

    Example:
        >>> split_overrides(["rn-quick", "--optimiser.lr", "1e-4", "--out", "run"])
        (['rn-quick', '--out', 'run'], {'optimiser.lr': '1e-4'})
    """
    own: list[str] = []
    overrides: dict[str, str] = {}
    rest = iter(arguments)
    for argument in rest:
        match = re.fullmatch(r"--(\w[\w-]*(?:\.[\w-]+)+)(?:=(.*))?", argument, flags=re.DOTALL)
        if match is None:
            own.append(argument)
            continue
        value = match[2] if match[2] is not None else next(rest, None)
        if value is None:
            raise UsageError(f"{argument} needs a value, as in `{argument} VALUE`.")
        overrides[match[1].replace("-", "_")] = value
    return own, overrides


def takes_overrides(function: Callable[..., None]) -> bool:
    """Whether a verb's function accepts dotted settings, that is, has a `**overrides` parameter."""
    kinds = (parameter.kind for parameter in inspect.signature(function).parameters.values())
    return inspect.Parameter.VAR_KEYWORD in kinds


def _example(doc: Docstring) -> str:
    """The docstring's `Example:` section as the help's last lines."""
    examples = [
        meta.description for meta in doc.meta if "example" in " ".join(meta.args).lower() and meta.description
    ]
    return "example: " + " ".join(examples[0].split()) if examples else ""


def _names(parameter: inspect.Parameter) -> list[str]:
    """`out` for a positional, `--questions-per-scene` (and `-k`) for a flag."""
    if parameter.kind is not inspect.Parameter.KEYWORD_ONLY:
        return [parameter.name]
    flag = parameter.name.replace("_", "-")
    return [f"-{flag}", f"--{flag}"] if len(flag) == 1 else [f"--{flag}"]


class _AppendPath(argparse.Action):
    """Collects the paths of a repeated flag."""

    def __call__(self, parser: Any, namespace: Any, values: Any, option_string: str | None = None) -> None:
        setattr(namespace, self.dest, [*(getattr(namespace, self.dest) or ()), Path(values)])


def _options(parameter: inspect.Parameter, text: str) -> dict[str, Any]:
    """What `add_argument` must know of a parameter: type, default, number of values, help."""
    options: dict[str, Any] = {"help": _help(parameter, text)}
    positional = parameter.kind is not inspect.Parameter.KEYWORD_ONLY
    optional = parameter.default is not inspect.Parameter.empty
    kind = _without_none(parameter.annotation)
    if kind is bool:
        return options | {"action": "store_true", "default": False}
    element = get_args(kind)[0] if get_origin(kind) is list else None
    if positional:
        options["nargs"] = ("*" if optional else "+") if element else ("?" if optional else None)
        options |= {"type": element or kind, "metavar": parameter.name.replace("_", "-").upper()}
    elif element:
        # jsonargparse would hand a type of path the whole list
        options |= {"action": _AppendPath} if element is Path else {"type": element, "action": "append"}
    else:
        options["type"] = parameter.annotation
        if get_origin(kind) is not Literal:
            options["metavar"] = parameter.name.upper().replace("_", "-")
    if optional:
        options["default"] = parameter.default
    elif not positional:
        options["required"] = True
    return {key: value for key, value in options.items() if not (key == "nargs" and value is None)}


def _help(parameter: inspect.Parameter, text: str) -> str:
    """A parameter's words from the docstring, then its type and default."""
    kind = _without_none(parameter.annotation)
    element = get_args(kind)[0] if get_origin(kind) is list else kind
    if kind is bool:
        facts = ["switch"]
    elif get_origin(kind) is Literal:
        facts = []
    else:
        facts = [{"str": "text", "Path": "path"}.get(element.__name__, element.__name__)]
        if element is not kind and parameter.kind is inspect.Parameter.KEYWORD_ONLY:
            facts.append("may be repeated")
    if parameter.default not in (inspect.Parameter.empty, None, False):
        facts.append(f"default {parameter.default}")
    words = " ".join(text.split())
    return (f"{words} ({', '.join(facts)})" if facts else words).replace("%", "%%")


def _without_none(annotation: Any) -> Any:
    """`X` for `X | None`, anything else unchanged."""
    if get_origin(annotation) in (Union, types.UnionType):
        members = [member for member in get_args(annotation) if member is not type(None)]
        if len(members) == 1:
            return members[0]
    return annotation
