import errno
import subprocess
import sys
from types import ModuleType

import pytest

from visreason.cli import main as cli
from visreason.errors import DataError


@pytest.fixture
def verb(monkeypatch: pytest.MonkeyPatch) -> list[BaseException | None]:
    """A verb `raise` that raises what the test puts into the returned list."""
    errors: list[BaseException | None] = []

    def fail(*, json: bool = False) -> None:
        """Fail as told."""
        if errors and errors[0] is not None:
            raise errors[0]
        print("done", json)

    module = ModuleType("visreason.cli.fake")
    module.fail = fail  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "visreason.cli.fake", module)
    monkeypatch.setitem(cli.VERBS, "fail", "visreason.cli.fake")
    return errors


def test_a_verb_runs_with_its_arguments(
    verb: list[BaseException | None], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["fail", "--json"]) == 0
    assert capsys.readouterr().out == "done True\n"


@pytest.mark.parametrize(
    ("error", "status", "message"),
    [
        (DataError("the file is broken. Copy it again."), 1, "error: the file is broken. Copy it again."),
        (KeyboardInterrupt(), 130, "interrupted"),
        (
            OSError(errno.ENOSPC, "No space left on device", "x.png"),
            1,
            "error: No space left on device: x.png.",
        ),
    ],
)
def test_a_users_error_is_one_message(
    verb: list[BaseException | None],
    error: BaseException,
    status: int,
    message: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    verb.append(error)
    assert cli.main(["fail"]) == status
    captured = capsys.readouterr()
    assert message in captured.err
    assert "Traceback" not in captured.err
    assert captured.out == ""


def test_debug_shows_the_traceback(
    verb: list[BaseException | None], capsys: pytest.CaptureFixture[str]
) -> None:
    verb.append(DataError("broken"))
    assert cli.main(["fail", "--debug"]) == 1
    assert "Traceback" in capsys.readouterr().err


def test_our_own_faults_keep_their_traceback(verb: list[BaseException | None]) -> None:
    verb.append(ZeroDivisionError("ours"))
    with pytest.raises(ZeroDivisionError):
        cli.main(["fail"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(["tran"], "Did you mean train"), (["xyzzy"], "The verbs are"), (["bench", "--what"], "--what")],
)
def test_wrong_words(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(arguments) == 1
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["--help"]])
def test_the_overview_names_every_verb(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(arguments) == 0
    out = capsys.readouterr().out
    assert all(f"  {verb} " in out for verb in cli.VERBS)


@pytest.mark.parametrize("verb_name", cli.VERBS)
def test_every_verb_has_help_with_an_example(verb_name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([verb_name, "--help"]) == 0
    assert f"example: visreason {verb_name}" in " ".join(capsys.readouterr().out.split())


def test_help_and_lists_import_nothing_heavy() -> None:
    code = (
        "import sys; from visreason.cli.main import main; "
        "[main([verb, '--help']) for verb in __import__('visreason.cli.main').cli.main.VERBS]; "
        "[main([verb]) for verb in ('recipes', 'models')]; "
        "heavy = {'torch', 'lightning', 'matplotlib', 'PIL'} & set(sys.modules); "
        "sys.exit(str(heavy) if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_closed_pipe_is_no_error() -> None:
    done = subprocess.run(
        f"{sys.executable} -m visreason --help | true",
        shell=True,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
