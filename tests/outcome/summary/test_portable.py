"""A single file verifies an archive where only Python and `cryptography` are installed."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hemicycle.outcome.archive import export
from hemicycle.outcome.summary import actions
from hemicycle.record import keys, portable, verify

if TYPE_CHECKING:
    from tests.support.finished import Finished

BARE = ("cffi", "cryptography", "_cffi_backend")


@pytest.fixture
def folder(finished: Finished, tmp_path: Path) -> Path:
    """The public's archive of a hearing with a published summary."""
    act: dict[str, Any] = {"hearing": finished.world.hearing, "actor": finished.world.office}
    actions.draft(**act)
    actions.publish(**act)
    made = tmp_path / "archive"
    export.write_folder(finished.world.hearing, made, public=True)
    return made


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """A folder of packages with `cryptography` and its dependencies, and without Hemicycle."""
    packages = tmp_path / "packages"
    packages.mkdir()
    for name in BARE:
        spec = find_spec(name)
        assert spec is not None
        assert spec.origin is not None
        origin = Path(spec.origin)
        source = origin.parent if spec.submodule_search_locations else origin
        (packages / source.name).symlink_to(source)
    return packages


def run(script: Path, packages: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the script with an interpreter that finds packages in that folder only."""
    code = (
        f"import runpy, sys; sys.path.append({str(packages)!r}); "
        f"sys.argv = {[str(script), *arguments]!r}; runpy.run_path({str(script)!r}, "
        "run_name='__main__')"
    )
    command = [sys.executable, "-I", "-S", "-c", code]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_an_archive_is_checked_without_hemicycle(folder: Path, elsewhere: Path) -> None:
    done = run(folder / portable.NAME, elsewhere, "--key", keys.fingerprint())
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Verified: ")
    unknown = run(folder / portable.NAME, elsewhere)
    assert (unknown.returncode, unknown.stderr) == (3, "")
    assert unknown.stdout.startswith("Consistent, but the signer is unknown: ")
    assert keys.fingerprint() in unknown.stdout
    other = run(folder / portable.NAME, elsewhere, str(folder), "--key", "0" * 64)
    assert (
        other.returncode,
        "it is signed with a key other than the one that you gave" in other.stdout,
    ) == (1, True)
    record = folder / verify.ENTRIES
    record.write_text(record.read_text("utf-8").replace('"seq":3', '"seq":4', 1), "utf-8")
    again = run(folder / portable.NAME, elsewhere, str(folder))
    assert (again.returncode, again.stdout.startswith("Broken: ")) == (1, True)


def test_what_is_missing_is_told(folder: Path, tmp_path: Path) -> None:
    done = run(folder / portable.NAME, tmp_path / "nothing")
    assert done.returncode == 1
    assert "python -m pip install cryptography" in done.stderr


def test_the_file_is_the_same_each_time() -> None:
    first = portable.packed()
    portable.packed.cache_clear()
    assert portable.packed() == first


def test_a_zip_is_checked_as_it_is(finished: Finished, tmp_path: Path) -> None:
    path = tmp_path / "export.zip"
    export.write_zip(finished.world.hearing, path, public=True)
    report = verify.verify_path(str(path))
    assert (report.holds, report.entries > 0) == (True, True)
    other = tmp_path / "other.zip"
    with zipfile.ZipFile(other, "w") as made:
        made.writestr("top/readme.txt", "nothing")
    with pytest.raises(verify.Unreadable):
        verify.verify_path(str(other))
    whole = bytearray(path.read_bytes())
    middle = len(whole) // 2
    whole[middle : middle + 200] = bytes(200)
    other.write_bytes(whole)
    with pytest.raises(verify.Unreadable):
        verify.verify_path(str(other))
