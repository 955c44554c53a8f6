"""`visreason VERB …`: finds the verb, parses its arguments, and turns every user's error into one clear message."""

import difflib
import importlib
import os
import sys
import traceback
from collections.abc import Callable, Sequence

from visreason import __version__
from visreason.errors import UsageError, VisreasonError

VERBS = {
    "generate": "visreason.cli.generate",
    "generate-sort-of-clevr": "visreason.cli.generate_sort_of_clevr",
    "generate-regions": "visreason.cli.generate_regions",
    "answer": "visreason.cli.answer",
    "merge": "visreason.cli.merge",
    "export-questions": "visreason.cli.export_questions",
    "features": "visreason.cli.features",
    "statistics": "visreason.cli.statistics",
    "knowledge": "visreason.cli.knowledge",
    "train": "visreason.cli.train",
    "test": "visreason.cli.test",
    "compare": "visreason.cli.compare",
    "ask": "visreason.cli.ask",
    "locate": "visreason.cli.locate",
    "regions": "visreason.cli.regions",
    "index": "visreason.cli.index",
    "search": "visreason.cli.search",
    "evaluate-retrieval": "visreason.cli.evaluate_retrieval",
    "plot": "visreason.cli.plot",
    "recipes": "visreason.cli.recipes",
    "models": "visreason.cli.models",
    "publish": "visreason.cli.publish",
    "ledger": "visreason.cli.ledger",
    "import-weights": "visreason.cli.import_weights",
    "serve": "visreason.cli.serve",
    "bench": "visreason.cli.bench",
    "doctor": "visreason.cli.doctor",
}
"""Every verb and the module whose function of the same name it calls; imported only when it is called."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status: 0 done, 1 a user's error, 130 interrupted.

    Example:
        >>> main(["--version"])  # doctest: +ELLIPSIS
        visreason ...
        0
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in words
    try:
        return _run(words)
    except VisreasonError as error:
        if debug:
            traceback.print_exc()
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted. What was finished is kept.", file=sys.stderr)
        return 130
    except BrokenPipeError:  # the reader (`| head`) has gone, which is its right
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        if debug or error.errno is None:
            raise
        print(f"error: {error.strerror}{f': {error.filename}' if error.filename else ''}.", file=sys.stderr)
        return 1


def _run(words: list[str]) -> int:
    """Dispatch to a verb, or to the overview of all."""
    if not words or words[0] in {"-h", "--help", "help"}:
        print(_overview())
        return 0
    if words[0] in {"-V", "--version"}:
        print(f"visreason {__version__}")
        return 0
    verb, rest = words[0], words[1:]
    function = load_verb(verb)
    from visreason.cli.parser import build_parser, split_overrides, takes_overrides

    overrides: dict[str, str] = {}
    if takes_overrides(function):
        rest, overrides = split_overrides(rest)
    try:
        values = build_parser(verb, function).parse_args(rest)
    except SystemExit as stop:  # --help has been printed
        return int(stop.code or 0)
    given = {key: value for key, value in vars(values).items() if key != "debug"}
    function(**given, **overrides)
    return 0


def load_verb(verb: str) -> Callable[..., None]:
    """Import a verb's function.

    Raises:
        UsageError: there is no such verb; the message names the nearest ones.
    """
    if verb not in VERBS:
        near = difflib.get_close_matches(verb, VERBS, n=3)
        hint = f"Did you mean {' or '.join(near)}?" if near else f"The verbs are {', '.join(VERBS)}."
        raise UsageError(f"there is no verb {verb!r}. {hint}")
    function: Callable[..., None] = getattr(importlib.import_module(VERBS[verb]), verb.replace("-", "_"))
    return function


def _overview() -> str:
    """The help of `visreason` itself: every verb with the first line of its docstring."""
    width = max(map(len, VERBS))
    lines = [
        f"  {verb:<{width}}  {(load_verb(verb).__doc__ or '').strip().splitlines()[0]}" for verb in VERBS
    ]
    hint = "`visreason VERB --help` tells a verb's arguments; `visreason train rn-quick` is a start."
    return "\n".join(
        ("usage: visreason VERB …", "", "One toolkit for visual reasoning.", "", *lines, "", hint)
    )


if __name__ == "__main__":
    sys.exit(main())
