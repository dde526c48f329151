"""Open the store of keys at an address."""

from pathlib import Path

from hemicycle.record.key_stores.addresses import TokenAddress, check_place
from hemicycle.record.key_stores.base import KeyStore, KeyUnavailable
from hemicycle.record.key_stores.files import FileStore
from hemicycle.record.key_stores.process import ProcessStore


def open_store(place: str) -> KeyStore:
    """Return the store at an address; raise `KeyUnavailable` for an invalid address."""
    try:
        scheme, _, rest = check_place(place).partition(":")
    except ValueError as error:
        raise KeyUnavailable(f"There is no key at {place!r}: {error}.") from error
    if scheme == "file":
        return FileStore(Path(rest))
    if scheme == "unix":
        return ProcessStore(Path(rest))
    from hemicycle.record.key_stores.token import TokenStore  # needs an optional library

    return TokenStore(TokenAddress.parse(place))
