import sys
from types import ModuleType

import pytest

from visreason.errors import UsageError
from visreason.render.mitsuba import backend
from visreason.render.mitsuba.backend import best_variant, check_variant, identity, llvm_version, using

pytest.importorskip("mitsuba")


def test_llvm_is_used_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    assert best_variant() == ("llvm_ad_rgb" if llvm_version() else "scalar_rgb")
    monkeypatch.setattr(backend, "llvm_version", lambda: "19.1.7")
    assert best_variant() == "llvm_ad_rgb"
    monkeypatch.setattr(backend, "llvm_version", lambda: None)
    assert best_variant() == "scalar_rgb"


@pytest.mark.parametrize(
    ("there", "found", "usable"),
    [
        (False, (19, 1, 7), None),
        (True, (15, 0, 7), None),
        (True, (16, 0, 0), "16.0.0"),
        (True, (19, 1, 7), "19.1.7"),
    ],
)
def test_an_old_llvm_is_none(
    there: bool, found: tuple[int, int, int], usable: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    import drjit

    monkeypatch.setattr(drjit, "has_backend", lambda kind: there)
    monkeypatch.setattr(drjit.detail, "llvm_version", lambda: found)
    assert llvm_version() == usable


def test_a_variant_that_does_not_work_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backend, "llvm_version", lambda: None)
    check_variant("scalar_rgb")
    with pytest.raises(UsageError, match=r"system LLVM.*libllvm19.*scalar_rgb works"):
        check_variant("llvm_ad_rgb")
    with pytest.raises(UsageError, match=r"'cuda_ad_rgb'; expected llvm_ad_rgb or scalar_rgb"):
        check_variant("cuda_ad_rgb")


def test_the_identity_names_variant_and_versions() -> None:
    import mitsuba

    assert identity("scalar_rgb").startswith(f"mitsuba {mitsuba.__version__} scalar_rgb with pyoidn ")


@pytest.mark.parametrize("package", ["mitsuba", "drjit", "pyoidn"])
def test_a_missing_package_is_told_of(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(UsageError, match=rf"need {package}.*pip install 'visreason\[mitsuba\]'"):
        identity("scalar_rgb")


def test_what_was_set_before_is_set_again(mitsuba: ModuleType) -> None:
    import drjit

    threads = drjit.thread_count()
    drjit.set_thread_count(2)
    try:
        with pytest.raises(KeyError), using("scalar_rgb"):
            assert drjit.thread_count() == 1
            raise KeyError
        assert drjit.thread_count() == 2
        assert mitsuba.variant() == "scalar_rgb"
    finally:
        drjit.set_thread_count(threads)
