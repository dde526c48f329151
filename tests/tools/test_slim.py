"""What is left out of an environment that is distributed as a whole."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools import slim

pytestmark = pytest.mark.test_all("packaging")


def test_what_nothing_reads_goes_and_the_rest_stays(tmp_path: Path) -> None:
    read = ("a/__init__.py", "a/test/client.py", "a/locale/fr/LC_MESSAGES/a.mo", "a/data.json")
    unread = ("a/__init__.pyi", "a/tests/test_a.py", "a/locale/fr/LC_MESSAGES/a.po", "a/a.h")
    for name in (*read, *unread):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    slim.slim(tmp_path)
    left = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert left == set(read)


@pytest.mark.skipif(shutil.which("strip") is None, reason="there is no strip (Debian: binutils)")
def test_a_library_loses_its_symbols_and_works(tmp_path: Path) -> None:
    import uvloop.loop

    copy = tmp_path / Path(uvloop.loop.__file__).name
    shutil.copy(uvloop.loop.__file__, copy)
    foreign = tmp_path / "other.so"  # `strip` refuses it like one for another processor
    foreign.write_bytes(b"no library of ours")
    before = copy.stat().st_size
    slim.slim(tmp_path)
    assert copy.stat().st_size < before
    assert foreign.read_bytes() == b"no library of ours"
    program = """
import sys
from importlib.util import module_from_spec, spec_from_file_location
module_from_spec(spec_from_file_location("uvloop.loop", sys.argv[1]))
"""
    subprocess.run([sys.executable, "-c", program, copy], check=True)
