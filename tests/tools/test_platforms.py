"""The check that everything installs from wheels, on each Python and processor."""

import socket
from pathlib import Path

import pytest

from tools import platforms

pytestmark = [pytest.mark.test_all("packaging"), pytest.mark.slow]


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


def test_no_python_is_downloaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """uv resolves for Pythons that this machine does not have, without getting them."""
    lock = tmp_path / "requirements.txt"
    lock.touch()
    with socket.create_server(("127.0.0.1", 0)) as mirror:
        monkeypatch.setenv(
            "UV_PYTHON_INSTALL_MIRROR", f"http://127.0.0.1:{mirror.getsockname()[1]}"
        )
        monkeypatch.setenv("UV_HTTP_TIMEOUT", "1")
        assert {why for _, _, why in platforms.unresolved(lock)} == {""}
        mirror.setblocking(False)
        with pytest.raises(BlockingIOError):
            mirror.accept()
