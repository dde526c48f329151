"""`hemicycle verify`: check a record offline and report the first thing that is wrong.

It reads an archive (folder or zip), a published chain, a receipt, a SQLite file or a PostgreSQL
address, recomputes every digest and hash and compares them with the stored ones. It needs neither
Django nor a running service, so the holder of an archive can check it with this folder and the few
modules beside it that make up `verify.pyz` (`portable.py`).

The checked document contains the key that signed it, and anybody can make a key. So the trusted key
must come from outside (`--key`); without one, everything may be consistent, but the signer is
unknown.
"""

from hemicycle.record.verify.archives import (
    ARCHIVE,
    ENTRIES,
    MANIFEST,
    NOTES,
    SEAL,
    verify_export,
    verify_zip,
)
from hemicycle.record.verify.chains import CHAIN, verify_chain
from hemicycle.record.verify.command import main, verify_path
from hemicycle.record.verify.databases import verify_sqlite
from hemicycle.record.verify.entries import verify
from hemicycle.record.verify.report import (
    BROKEN,
    UNKNOWN_SIGNER,
    UNREADABLE,
    VERIFIED,
    Broken,
    Report,
    Unreadable,
)

__all__ = [
    "ARCHIVE",
    "BROKEN",
    "CHAIN",
    "ENTRIES",
    "MANIFEST",
    "NOTES",
    "SEAL",
    "UNKNOWN_SIGNER",
    "UNREADABLE",
    "VERIFIED",
    "Broken",
    "Report",
    "Unreadable",
    "main",
    "verify",
    "verify_chain",
    "verify_export",
    "verify_path",
    "verify_sqlite",
    "verify_zip",
]
