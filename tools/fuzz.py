"""Test the parsers of untrusted input with a coverage-guided fuzzer (Atheris).

`python -m tools.fuzz` runs every target for a minute, `python -m tools.fuzz mail --seconds 3600`
runs one for an hour. A finding is an exception that the parser does not document, a crash of a
library, or an input that takes more than ten seconds or 2 GB. It is written to
`var/fuzz/<target>/`; `python -m tools.fuzz mail --again FILE` parses it again. The corpus is kept
beside it, and the next run continues with it. The exit code is 0 if nothing was found.

The parsers run in this process, without their sandboxes, because a fuzzer has to observe the path
of an input through the code. For documents, an exception is not a finding: their worker reports the
file as damaged after any exception.
"""

import argparse
import contextlib
import subprocess
import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

FOLDER = Path("var/fuzz")
SECONDS = 60
SLOW_S, MEMORY_MB, LONGEST = 10, 2048, 64 * 1024
INSTRUMENTED = [
    *("hemicycle.mail.incoming", "hemicycle.documents", "hemicycle.convening", "hemicycle.engine"),
    *("email", "aiortc.sdp", "tnefparse", "zipfile", "xml.parsers"),
]
type Target = Callable[[bytes], None]


def mail() -> Target:
    """Return a target that parses a letter with HTML and Outlook containers, and must not raise."""
    from hemicycle.mail.incoming.reading.parse import parse

    def target(data: bytes) -> None:
        parse(data, "sender@hearing.example")

    return target


def sdp() -> Target:
    """Return a target that parses an SDP offer in both directions; it may raise only `BadOffer`."""
    from hemicycle.engine.rtc import offers
    from hemicycle.engine.rtc.errors import BadOffer

    def target(data: bytes) -> None:
        text = data.decode("utf-8", "replace")
        for way in ("in", "out"):
            with contextlib.suppress(BadOffer):
                offers.read(text, way)

    return target


def note() -> Target:
    """Return a target that reads a concept note and the hearing that it describes."""
    from hemicycle.convening.reading import read
    from hemicycle.documents.reading import notes
    from hemicycle.documents.reading.limits import NOTE

    def target(data: bytes) -> None:
        with contextlib.suppress(Exception):
            read(notes.read(BytesIO(data), NOTE, markdown=False))

    return target


def statement() -> Target:
    """Return a target that reads a statement: PDF, DOCX, ODT or text."""
    from hemicycle.documents.reading import statements
    from hemicycle.documents.reading.limits import STATEMENT

    def target(data: bytes) -> None:
        with contextlib.suppress(Exception):
            statements.read(BytesIO(data), STATEMENT)

    return target


TARGETS: dict[str, Callable[[], Target]] = {
    "mail": mail,
    "sdp": sdp,
    "note": note,
    "statement": statement,
}


def main(arguments: list[str]) -> int:
    """Run the targets, each in its own process; return 1 if one of them found something."""
    options = _options(arguments)
    if options.again:
        TARGETS[options.targets[0]]()(options.again.read_bytes())
        return 0
    if options.here:
        return _run(options)
    names = options.targets or list(TARGETS)
    codes = [_apart(name, options.seconds) for name in names]
    return int(any(codes))


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.fuzz", description=__doc__)
    parser.add_argument("targets", nargs="*", choices=[*TARGETS], help="all of them by default")
    parser.add_argument("--seconds", type=int, default=SECONDS, help="for each (%(default)s)")
    parser.add_argument("--again", type=Path, help="read one file once, and say what happens")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


def _apart(name: str, seconds: int) -> int:
    _plant(name)  # in this process: the fuzzer must not observe the code that makes seeds
    command = [sys.executable, "-m", "tools.fuzz", name, "--here", "--seconds", str(seconds)]
    return subprocess.run(command, check=False).returncode


def _plant(name: str) -> None:
    """Write the seeds of a target into its corpus."""
    from tests.tools.fuzz_seeds import SEEDS

    corpus = FOLDER / name / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(SEEDS[name]()):
        (corpus / f"seed-{number:02}").write_bytes(seed)


def _run(options: argparse.Namespace) -> int:
    import atheris

    (name,) = options.targets
    folder = FOLDER / name
    with atheris.instrument_imports(include=INSTRUMENTED):
        target = TARGETS[name]()
    atheris.Setup(
        [
            f"fuzz-{name}",
            f"-max_total_time={options.seconds}",
            f"-timeout={SLOW_S}",
            f"-rss_limit_mb={MEMORY_MB}",
            f"-max_len={LONGEST}",
            f"-artifact_prefix={folder}/",
            "-print_final_stats=1",
            str(folder / "corpus"),
        ],
        target,
    )
    atheris.Fuzz()  # ends the process
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
