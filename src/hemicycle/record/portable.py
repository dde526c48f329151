"""`hemicycle verify` as one file, for machines that have Python and `cryptography` only.

An archive contains it as `verify.pyz`: `python verify.pyz FOLDER --key FINGERPRINT` checks the
archive with the same code as `hemicycle verify`. It is a zip of the modules that the check needs,
with the same bytes each time. Readers who do not trust the archive take the file from elsewhere.
"""

import ast
import io
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from hemicycle.record.speech import FILE, FOLDER

NAME = "verify.pyz"
MODULES = (
    *("speech", "chain", "signing", "receipts", "seals", "succession"),
    *("log/merkle", "log/notes", "log/tiles", "log/proofs", "log/timestamps"),
    *("log/carried", "log/remote"),
    *("witness/state", "witness/fork", "witness/statements", "witness/fork_command"),
    *(
        "witness/renewed_key",
        "witness/judging",
        "witness/following",
        "witness/listening",
        "witness/command",
    ),
    *(
        "verify/__init__",
        "verify/report",
        "verify/admissions",
        "verify/joint",
        "verify/balances",
        "verify/merging",
        "verify/entries",
        "verify/archives",
        "verify/chains",
    ),
    *(
        "verify/beside_chain",
        "verify/tiles",
        "verify/databases",
        "verify/online",
        "verify/stamps",
        "verify/telling",
    ),
    "verify/command",
)
BESIDE = ("procedure/balance", "procedure/codec", "procedure/order")
"""Modules outside the record that the check needs."""
PACKAGES = (
    *("hemicycle", "hemicycle/procedure"),
    *(f"hemicycle/record{sub}" for sub in ("", "/log", "/witness")),
)
_HERE = Path(__file__).parent
_SHEBANG = b"#!/usr/bin/env python3\n"
_MADE = (2000, 1, 1, 0, 0, 0)
_MAIN = '''\
"""Check the archive in which this file lies, or the one that is named; or be a witness."""

import sys
from pathlib import Path

try:
    from hemicycle.record.verify import main
    from hemicycle.record.witness import command
except ImportError as error:
    sys.exit(f"Not verified: {error}. Install it with: python -m pip install cryptography")

if sys.argv[1:2] == ["witness"]:
    sys.exit(command.main(sys.argv[2:]))
sys.exit(main(sys.argv[1:], here=Path(sys.argv[0]).resolve().parent))
'''


@cache
def packed() -> bytes:
    """Return the bytes of `verify.pyz`."""
    out = io.BytesIO(_SHEBANG)
    out.seek(0, io.SEEK_END)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        _add(made, "__main__.py", _MAIN)
        for package in PACKAGES:
            _add(made, f"{package}/__init__.py", "")
        for name in MODULES:
            text = _HERE.joinpath(f"{name}.py").read_text("utf-8")
            _add(made, f"hemicycle/record/{name}.py", text)
        for name in BESIDE:
            text = _HERE.parent.joinpath(f"{name}.py").read_text("utf-8")
            _add(made, f"hemicycle/{name}.py", text)
        for name, catalogue in _catalogues():
            _add(made, name, catalogue)
    return out.getvalue()


def _catalogues() -> Iterator[tuple[str, bytes]]:
    """Yield the name and bytes of each language's catalogue, with the messages of these modules."""
    from babel.messages.catalog import Catalog  # needed only by a site that makes the file
    from babel.messages.mofile import read_mo, write_mo

    said = {text for name in MODULES for text in _texts(_HERE.joinpath(f"{name}.py"))}
    made_at = datetime(*_MADE, tzinfo=UTC)
    for path in sorted(_HERE.parent.joinpath(FOLDER).glob(f"*/{FILE}")):
        with path.open("rb") as file:
            whole = read_mo(file)
        own = Catalog(locale=path.parts[-3], creation_date=made_at, revision_date=made_at)
        for message in whole:
            if isinstance(message.id, str) and message.id in said and not message.context:
                own.add(message.id, message.string)
        out = io.BytesIO()
        write_mo(out, own)
        yield f"hemicycle/{FOLDER}/{path.parts[-3]}/{FILE}", out.getvalue()


def _texts(module: Path) -> Iterator[str]:
    """Yield the texts in a module that may be messages."""
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value:
            yield node.value


def _add(made: zipfile.ZipFile, name: str, text: str | bytes) -> None:
    entry = zipfile.ZipInfo(name, date_time=_MADE)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    made.writestr(entry, text)
