"""The check that everything installs from wheels, on each Python and processor."""

from pathlib import Path

import pytest

from tools import platforms

pytestmark = pytest.mark.slow


def test_the_runtime_lock_comes_as_wheels_everywhere() -> None:
    assert [why for _, _, why in platforms.unresolved(platforms.ROOT / "requirements.txt")] == (
        [""] * len(platforms.PYTHONS) * len(platforms.PROCESSORS)
    )


def test_a_package_that_comes_as_source_alone_is_named(tmp_path: Path) -> None:
    """pyspf, which is in the developers' lock, has no wheel."""
    lock = tmp_path / "requirements.txt"
    lock.write_text("pyspf==2.0.14\n")
    _python, _processor, why = next(platforms.unresolved(lock))
    assert "pyspf" in why
