"""The names that we lean on are looked for, and a missing one is told by its name."""

import aioice.ice
import pytest

from hemicycle.engine.rtc import checks


def test_the_libraries_installed_are_those_we_know() -> None:
    checks.check()


def test_a_missing_method_and_a_missing_attribute_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(aioice.ice.Connection, "build_request")
    monkeypatch.setattr(checks, "_ASSIGNED", ((aioice.ice.Connection, ("_nominees",)),))
    with pytest.raises(
        checks.UnsupportedLibrary, match=r"lacks Connection.build_request, Connection._nominees"
    ):
        checks.check()
