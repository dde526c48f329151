"""allauth has the private names that we use, and is pinned to the version that has them."""

import ast
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator

from hemicycle.hearing.people import private_allauth

ROOT = Path(__file__).parents[3]


def test_allauth_has_every_name_that_we_use() -> None:
    assert private_allauth.missing() == []


def test_a_name_that_goes_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(Authenticator, "record_usage")
    assert private_allauth.missing() == ["Authenticator.record_usage"]


def test_its_version_is_exact() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    pins = [pin for pin in project["dependencies"] if pin.startswith("django-allauth")]
    assert pins == [f"django-allauth[mfa,socialaccount]=={version('django-allauth')}"]


def test_no_other_module_takes_private_modules_of_it() -> None:
    private = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "src").rglob("*.py")
        if "allauth" in (text := path.read_text())
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.ImportFrom) and _is_private(node.module or "")
    }
    assert private == {"src/hemicycle/hearing/people/private_allauth.py"}


def _is_private(module: str) -> bool:
    """Return whether a module is internal or one of the undocumented modules of `allauth.mfa`."""
    return module.startswith("allauth.") and (
        "internal" in module or module.startswith(("allauth.mfa.web", "allauth.mfa.totp"))
    )
