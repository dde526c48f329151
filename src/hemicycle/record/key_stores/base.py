"""What holds the record's key: a file, a process or a PKCS#11 token, all used in the same way.

A store has up to three keys. The *current* one signs. While a renewal runs (`record.renewal`), the
*waiting* one is about to succeed it, and the *previous* one is kept until every record names its
successor. No method but `forget_previous` destroys a key that a record may name.

Loads neither Django nor `cryptography`, so that the command line can name a missing key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from hemicycle.record.signing import Signer


class KeyUnavailable(Exception):
    """The record's key cannot be used; `str()` is a sentence that says why and what to do."""


class KeyStore(Protocol):
    """Where the record's key lies. Every method raises `KeyUnavailable`."""

    @property
    def place(self) -> str:
        """Where that is, as the setting spells it."""

    def current(self) -> Signer:
        """The key that signs; a store that has none makes its first."""

    def waiting(self) -> Signer | None:
        """The key that a renewal has prepared, or None."""

    def previous(self) -> Signer | None:
        """The key before the current one while a renewal still needs it, or None."""

    def prepare(self) -> Signer:
        """Return the waiting key; make one where there is none."""

    def promote(self, fingerprint: str) -> None:
        """Let the waiting key with this fingerprint be the current one; keep the one before it.

        Does nothing where it is the current one already.
        """

    def forget_previous(self) -> None:
        """Destroy the key before the current one, if there is one."""
