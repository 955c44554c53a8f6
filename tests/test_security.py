"""What docs/security.md promises of the source: nothing in it runs what a file says."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import visreason

SOURCE = Path(visreason.__file__).parent
FILES = sorted(SOURCE.rglob("*.py"))

MODULES = {"pickle", "_pickle", "cPickle", "dill", "cloudpickle", "shelve", "marshal", "tarfile"}
"""Modules that run what they read, or unpack wherever an archive says."""

CALLS = {
    "eval",
    "exec",
    "compile",
    "__import__",
    "os.system",
    "os.popen",
    "yaml.load",
    "yaml.unsafe_load",
    "joblib.load",
}
"""Functions that run what they are given."""

EXCEPTIONS = {"UnpicklingError"}
"""What may be imported of `pickle`: the error that `torch.load` raises."""


def breaches(tree: ast.AST) -> Iterator[str]:
    """What a source file does that none may."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (f"imports {one.name}" for one in node.names if one.name.split(".")[0] in MODULES)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in MODULES:
            yield from (f"imports {one.name}" for one in node.names if one.name not in EXCEPTIONS)
        elif isinstance(node, ast.Call):
            yield from _breaches_of_call(node)


def _breaches_of_call(call: ast.Call) -> Iterator[str]:
    name = ast.unparse(call.func)
    given = {one.arg: ast.unparse(one.value) for one in call.keywords}
    if name in CALLS:
        yield f"calls {name}"
    if name == "torch.load" and given.get("weights_only") != "True":
        yield "calls torch.load without weights_only=True"
    if given.get("allow_pickle", "False") != "False":
        yield "allows pickles"
    if given.get("shell", "False") != "False":
        yield "calls a shell"
    if name.endswith(".extractall"):
        yield "unpacks an archive into a folder"
    if name in {"np.load", "numpy.load"} and "allow_pickle" not in given:
        yield "calls np.load without allow_pickle=False"


@pytest.mark.parametrize(
    "text",
    [
        "import pickle", "from pickle import loads", "eval('1')", "yaml.load(file)", "torch.load(path)",
        "torch.load(path, weights_only=False)", "np.load(path, allow_pickle=True)", "np.load(path)",
        "subprocess.run('ls', shell=True)", "archive.extractall()",
    ],
)  # fmt: skip
def test_a_breach_is_seen(text: str) -> None:
    assert list(breaches(ast.parse(text)))


def test_nothing_in_the_source_runs_what_a_file_says() -> None:
    found = {
        str(file.relative_to(SOURCE)): list(breaches(ast.parse(file.read_text("utf-8")))) for file in FILES
    }
    assert {file: each for file, each in found.items() if each} == {}


def test_every_dependency_is_pinned() -> None:
    """Each line of constraints.txt is one version; `make audit` looks up what is known about them."""
    pins = (Path(__file__).parent.parent / "constraints.txt").read_text("utf-8").splitlines()
    lines = [line.partition("#")[0].strip() for line in pins]
    assert [line for line in lines if line and "==" not in line] == []
