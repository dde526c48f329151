"""The record's key behind PKCS#11: an HSM, a smart card, or SoftHSM.

The key is generated on the token and never leaves it. It signs by CKM_EDDSA (PKCS#11 3.0). The
private keys of a renewal have labels of their own (`….next`, `….previous`); the public half of each
has the same CKA_ID.
"""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from hemicycle.record import signing
from hemicycle.record.key_stores.addresses import TokenAddress
from hemicycle.record.key_stores.base import KeyUnavailable

try:
    import pkcs11
    from pkcs11 import Attribute, KeyType, Mechanism, ObjectClass, PKCS11Error, PrivateKey, Session
    from pkcs11.util.ec import encode_named_curve_parameters
except ImportError as error:
    raise KeyUnavailable(
        "A key behind PKCS#11 needs a library. Run: pip install hemicycle[pkcs11]"
    ) from error

ED25519: Final = "1.3.101.112"

_lock = threading.RLock()
_sessions: dict[TokenAddress, Session] = {}
"""One session for each token. A session has state, so threads take turns."""


@dataclass(frozen=True, slots=True)
class TokenSigner:
    """One key of a token, identified by its CKA_ID."""

    store: "TokenStore"
    id: bytes
    key: Ed25519PublicKey

    def public_key(self) -> Ed25519PublicKey:
        """Return the public half of the key."""
        return self.key

    def sign(self, data: bytes, /) -> bytes:
        """Return the signature of `data`, made on the token."""

        def make(session: Session) -> bytes:
            found = _private(session, {Attribute.ID: self.id})
            if not found:
                raise KeyUnavailable(f"The key has gone from {self.store.who}.")
            key: Any = found[0]  # the library's type stub leaves out the inherited methods
            return bytes(key.sign(data, mechanism=Mechanism.EDDSA))

        return self.store.ask(make)


@dataclass(frozen=True, slots=True)
class TokenStore:
    """The keys with one label on a token."""

    address: TokenAddress

    @property
    def place(self) -> str:
        """The token's address, without the parts that do not identify it."""
        return f"pkcs11:token={self.address.token};object={self.address.label}"

    @property
    def who(self) -> str:
        """The name of the token for a sentence."""
        return f"the token {self.address.token!r}"

    @property
    def _next(self) -> str:
        return f"{self.address.label}.next"

    @property
    def _previous(self) -> str:
        return f"{self.address.label}.previous"

    def current(self) -> TokenSigner:
        """Return the key that signs; generate the first one on the token.

        During a promotion there may be no current key for a moment; then return the previous one.
        """
        found = self._labelled(self.address.label) or self.previous()
        return found or self._make(self.address.label)

    def waiting(self) -> TokenSigner | None:
        """Return the key that a renewal has prepared, or None."""
        return self._labelled(self._next)

    def previous(self) -> TokenSigner | None:
        """Return the key before the current one, or None."""
        return self._labelled(self._previous)

    def prepare(self) -> TokenSigner:
        """Return the waiting key; generate one on the token if there is none."""
        return self.waiting() or self._make(self._next)

    def promote(self, fingerprint: str) -> None:
        """Make the waiting key the current one by changing the labels.

        The old current key is renamed first, so that no two keys share a label.
        """
        waiting = self.waiting()
        if waiting is None or signing.fingerprint(waiting.key) != fingerprint:
            if signing.fingerprint(self.current().key) == fingerprint:
                return
            raise KeyUnavailable(f"There is no key {fingerprint} on {self.who}.")

        def rename(session: Session) -> None:
            for key in _private(session, {Attribute.LABEL: self.address.label}):
                key[Attribute.LABEL] = self._previous
            for key in _private(session, {Attribute.LABEL: self._next}):
                key[Attribute.LABEL] = self.address.label

        self.ask(rename)

    def forget_previous(self) -> None:
        """Destroy the key before the current one on the token, if there is one.

        If an interrupted promotion left no current key, the previous one stays: it is still in use.
        """

        def destroy(session: Session) -> None:
            if not _private(session, {Attribute.LABEL: self.address.label}):
                for private in _private(session, {Attribute.LABEL: self._previous}):
                    private[Attribute.LABEL] = self.address.label
            for private in _private(session, {Attribute.LABEL: self._previous}):
                id = private[Attribute.ID]
                private.destroy()
                for public in session.get_objects(
                    {Attribute.CLASS: ObjectClass.PUBLIC_KEY, Attribute.ID: id}
                ):
                    public.destroy()

        self.ask(destroy)

    def _labelled(self, label: str) -> TokenSigner | None:
        def find(session: Session) -> TokenSigner | None:
            found = _private(session, {Attribute.LABEL: label})
            if not found:
                return None
            # Two processes generated a key at the same moment: all use one of them.
            id = min(bytes(key[Attribute.ID]) for key in found)
            return TokenSigner(self, id, self._public(session, id))

        return self.ask(find)

    def _public(self, session: Session, id: bytes) -> Ed25519PublicKey:
        wanted = {Attribute.CLASS: ObjectClass.PUBLIC_KEY, Attribute.ID: id}
        for key in session.get_objects(wanted):
            point = bytes(key[Attribute.EC_POINT])  # an OCTET STRING of 32 bytes, or the bare bytes
            if len(point) in {32, 34}:
                return Ed25519PublicKey.from_public_bytes(point[-32:])
        raise KeyUnavailable(
            f"The key {self.address.label!r} on {self.who} is of another type than Ed25519."
        )

    def _make(self, label: str) -> TokenSigner:
        def make(session: Session) -> None:
            parameters = session.create_domain_parameters(
                KeyType.EC_EDWARDS,
                {Attribute.EC_PARAMS: encode_named_curve_parameters(ED25519)},
                local=True,
            )
            parameters.generate_keypair(
                mechanism=Mechanism.EC_EDWARDS_KEY_PAIR_GEN,
                store=True,
                label=label,
                id=os.urandom(16),
            )

        self.ask(make)
        made = self._labelled(label)
        if made is None:
            raise KeyUnavailable(f"{self.who.capitalize()} made no key.")
        return made

    def ask[T](self, act: Callable[[Session], T]) -> T:
        """Run `act` in the session; if the session has ended, run it again in a new one."""
        with _lock, _named(self.who):
            try:
                return act(self._session())
            except (pkcs11.exceptions.SessionHandleInvalid, pkcs11.exceptions.SessionClosed):
                _sessions.pop(self.address, None)
                return act(self._session())

    def _session(self) -> Session:
        if self.address not in _sessions:
            library = pkcs11.lib(str(self.address.module))
            token = library.get_token(token_label=self.address.token)
            _sessions[self.address] = token.open(rw=True, user_pin=self._pin())
        return _sessions[self.address]

    def _pin(self) -> str:
        file = self.address.pin_file
        try:
            mode = file.stat().st_mode & 0o777
            if mode & 0o077:
                raise KeyUnavailable(
                    f"Other users can read the PIN in {file} (mode {mode:04o}). "
                    f"Run: chmod 600 {file}"
                )
            return file.read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise KeyUnavailable(f"The PIN in {file} cannot be read ({error}).") from error


def _private(session: Session, wanted: dict[Attribute, object]) -> list[PrivateKey]:
    found = session.get_objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY, **wanted})
    return [key for key in found if isinstance(key, PrivateKey)]


@contextmanager
def _named(who: str) -> Iterator[None]:
    """Raise `KeyUnavailable` with a sentence for the error codes of a token."""
    try:
        yield
    except pkcs11.exceptions.PinIncorrect as error:
        raise KeyUnavailable(f"The PIN is not that of {who}.") from error
    except pkcs11.exceptions.NoSuchToken as error:
        raise KeyUnavailable(f"There is no such token: {who}.") from error
    except pkcs11.exceptions.MechanismInvalid as error:
        raise KeyUnavailable(
            f"{who.capitalize()} does not sign with Ed25519 (CKM_EDDSA)."
        ) from error
    except PKCS11Error as error:
        said = str(error) or type(error).__name__
        raise KeyUnavailable(f"The key on {who} cannot be used ({said}).") from error
