"""The limits take effect: on time, on memory, and on what the worker may access."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from hemicycle.documents.reading import Limits, UnreadableDocument, extract, guarded
from hemicycle.site.processes import commands
from tests.documents.reading import files
from tests.support import unconfined

pytestmark = pytest.mark.confined


def slow_pdf() -> bytes:
    """Return a PDF that is small, but slow to read.

    Its page draws a form ten times, which draws another form ten times, and so on.
    """
    levels = 9
    first = "/XObject<</F 5 0 R>>"
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R/Resources<<{first}>>>>",
        _stream("", "/F Do " * 10),
    ]
    for level in range(levels):
        number = 5 + level
        last = level == levels - 1
        resources = (
            "/Font<</T<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>"
            if last
            else f"/XObject<</F {number + 1} 0 R>>"
        )
        drawn = "BT /T 9 Tf (word) Tj ET " if last else "/F Do " * 10
        head = f"/Type/XObject/Subtype/Form/BBox[0 0 99 99]/Resources<<{resources}>>"
        objects.append(_stream(head, drawn))
    body = "".join(f"{n} 0 obj{text}endobj\n" for n, text in enumerate(objects, 1))
    return f"%PDF-1.4\n{body}trailer<</Root 1 0 R>>".encode()


def _stream(head: str, content: str) -> str:
    return f"<<{head}/Length {len(content)}>>stream\n{content}\nendstream "


def children() -> set[str]:
    tasks = Path("/proc/self/task").glob("*/children")
    return {child for task in tasks for child in task.read_text().split()}


@pytest.mark.real_time
def test_a_file_that_takes_for_ever_is_ended_on_time() -> None:
    before = children()
    started = time.monotonic()
    with pytest.raises(UnreadableDocument) as refused:
        extract(slow_pdf(), name="slow.pdf", limits=Limits(seconds=0.7, memory=4 * 2**30))
    assert refused.value.sentence == (
        "“slow.pdf” took more than 0.7 seconds to read. Save it as a simpler file, "
        "for example plain text, and send the new file."
    )
    assert 0.7 <= time.monotonic() - started < 5
    assert children() == before


def test_memory_has_a_ceiling() -> None:
    # Few and long words, so that the size exceeds its limit before the time does.
    content = (b"w" * 99 + b"\n") * 150_000
    roomy = Limits(characters=20_000_000, seconds=60)
    assert extract(content, name="a.txt", limits=roomy).words == 150_000
    with pytest.raises(UnreadableDocument) as refused:
        extract(content, name="a.txt", limits=replace(roomy, memory=64 * 2**20))
    assert refused.value.code == "memory"


@pytest.mark.parametrize(
    "deed",
    [
        "import socket; socket.socket()",
        "import subprocess; subprocess.run(['true'])",
        "import os; os.system('true')",
        "import os; os.execv('/bin/true', ['true'])",
        "open('/tmp/hemicycle-never', 'w')",
    ],
)
def test_what_a_document_never_needs_ends_the_worker(deed: str) -> None:
    confined = (
        f"from hemicycle.documents.reading.sandbox import confine; confine(512 * 2**20, 5); {deed}"
    )
    assert subprocess.run([sys.executable, "-c", confined], check=False).returncode == 3


def confined(deed: str, **environment: str) -> str:
    """Run `deed` in a confined process, below Python's audit hook, and return what it prints."""
    program = f"""
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
from hemicycle.documents.reading.sandbox import confine
assert confine(2**30, 5) == []
{deed}
"""
    done = subprocess.run(
        [sys.executable, "-I", "-c", program],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize(
    "call",
    [
        "libc.fork()",
        "libc.socket(2, 1, 0)",
        "libc.socket(1, 1, 0)",
        "libc.execve(b'/bin/true', None, None)",
        "libc.open(b'/tmp/hemicycle-never', os.O_WRONLY | os.O_CREAT, 0o600)",
        "libc.unlink(b'/tmp/hemicycle-never')",
        "libc.kill(os.getppid(), 0)",
    ],
)
def test_what_a_parser_were_talked_into_the_kernel_refuses(call: str) -> None:
    assert confined(f"print({call})") == "-1"


def test_a_parser_reads_neither_keys_nor_the_environment_of_others(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("a key")
    wanted = [str(tmp_path / "secret"), "/etc/passwd", f"/proc/{os.getpid()}/environ"]
    tried = f"""
for path in {wanted!r}:
    print(libc.open(path.encode(), os.O_RDONLY))
own = {{"LC_CTYPE", "OPENBLAS_NUM_THREADS"}}  # Python and `hemicycle` set these themselves
print(sorted(os.environ.keys() - own))
"""
    assert confined(tried) == "-1\n-1\n-1\n[]"


def test_this_machine_has_all_the_walls() -> None:
    assert guarded.lacking() == []


def test_a_wall_that_is_not_there_is_named(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(guarded, "lacking", lambda: ["landlock"])
    commands._tell_walls()
    assert "read without landlock" in caplog.text


def test_threads_and_libraries_work_behind_the_walls() -> None:
    """Parsers need threads, also those of numpy and FFmpeg, and libraries that are loaded late."""
    tried = """
import threading
done = []
thread = threading.Thread(target=lambda: done.append(1)); thread.start(); thread.join()
import av, numpy, pypdfium2, lxml.etree
print(done, av.codec.Codec("h264", "r").name)
"""
    assert confined(tried) == "[1] h264"


def test_the_worker_inherits_no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "/nowhere")
    monkeypatch.setenv("PYTHONSTARTUP", "/nowhere")
    monkeypatch.setenv("LD_PRELOAD_NOT", "secret")
    assert extract(b"Two words", name="a.txt").words == 2


@pytest.mark.parametrize("limit", ["seconds", "memory", "file_size", "inflated", "characters"])
def test_limits_must_be_positive(limit: str) -> None:
    with pytest.raises(ValueError, match=f"limit {limit} must be greater than zero"):
        Limits(**{limit: 0})


@pytest.mark.alone
def test_a_file_is_read_within_the_time_a_person_waits() -> None:
    content = files.pdf()
    extract(content, name="warm.pdf")
    started = time.monotonic()
    extract(content, name="a.pdf")
    assert time.monotonic() - started < 2.0


@pytest.mark.parametrize(
    ("module", "job"),
    [
        ("hemicycle.documents.reading.worker", "statement"),
        ("hemicycle.hearing.setup.note_worker", "note"),
    ],
)
def test_other_tests_get_the_same_answer_without_the_limits(module: str, job: str) -> None:
    def answer(run: Callable[..., tuple[int | None, bytes]]) -> tuple[int | None, bytes]:
        with guarded.spooled(b"The council holds a hearing on 3 May 2027 at 10:00.") as file:
            given = [job, *Limits().as_arguments()]
            return run(module, given, file, seconds=60, ceiling=10**6)

    assert answer(unconfined.run) == answer(guarded.run)
