"""Interface of the stores that hold the record's key: a file, a process or a PKCS#11 token.

A store has up to three keys. The *current* one signs. While a renewal runs (`record.renewal`), the
*waiting* one is the prepared successor, and the *previous* one is kept until every record names the
successor. Only `forget_previous` destroys a key that a record may name.

Imports neither Django nor `cryptography`, so that the command line can report a missing key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from hemicycle.record.signing import Signer


class KeyUnavailable(Exception):
    """The record's key cannot be used; `str()` is a sentence that says why and what to do."""


class KeyStore(Protocol):
    """A place that holds the record's key. Every method may raise `KeyUnavailable`."""

    @property
    def place(self) -> str:
        """The address of the store, as the setting spells it."""

    def current(self) -> Signer:
        """Return the key that signs; create it if the store has none."""

    def waiting(self) -> Signer | None:
        """Return the key that a renewal has prepared, or None."""

    def previous(self) -> Signer | None:
        """Return the previous key while a renewal still needs it, or None."""

    def prepare(self) -> Signer:
        """Return the waiting key; create one if there is none."""

    def promote(self, fingerprint: str) -> None:
        """Make the waiting key with this fingerprint the current one; keep the old current key.

        Do nothing if it is already the current one.
        """

    def forget_previous(self) -> None:
        """Destroy the previous key, if there is one."""
