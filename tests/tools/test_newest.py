"""The report on newest releases, run on the installed versions."""

import sys
from pathlib import Path

from tools import newest


def test_nothing_is_missing_in_the_versions_that_we_pin() -> None:
    for library in newest.LIBRARIES:
        assert newest.lacking(Path(sys.executable), library) == ["nothing is missing"]


def test_a_missing_name_and_an_unreadable_module_are_reported() -> None:
    library = newest.Library((), "print('a.b', 'a.c', sep='\\n')", "used.py")
    told = newest.lacking(Path(sys.executable), library)
    assert told == ["missing: a.b (used.py)", "missing: a.c (used.py)"]
    broken = newest.Library((), "import nowhere_at_all", "used.py")
    (told_so,) = newest.lacking(Path(sys.executable), broken)
    assert told_so.startswith("used.py cannot be read with it: ModuleNotFoundError")
