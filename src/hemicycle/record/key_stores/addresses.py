"""Addresses of the record's key, as the setting `HEMICYCLE_RECORD_KEY` spells them.

`file:/path`, `unix:/path` for the socket of a signing process, or after RFC 7512
`pkcs11:token=LABEL;object=LABEL?module-path=/PATH&pin-source=/PATH`. The object's label may be left
out. The PIN is read from a file, and is never part of the address.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

_LABEL = re.compile(r"[^\x00-\x1f]{1,32}")


@dataclass(frozen=True, slots=True)
class TokenAddress:
    """A key behind PKCS#11: the library, the token's label, the key's label, the PIN's file."""

    module: Path
    token: str
    label: str
    pin_file: Path

    @classmethod
    def parse(cls, text: str) -> "TokenAddress":
        """Read an address; raise `ValueError` that says how to correct it."""
        path, _, query = text.removeprefix("pkcs11:").partition("?")
        where = _attributes(path, ";", {"token", "object"})
        how = _attributes(query, "&", {"module-path", "pin-source"})
        if "token" not in where or how.keys() != {"module-path", "pin-source"}:
            raise ValueError("name token, module-path and pin-source")
        module = Path(how["module-path"])
        pin_file = Path(how["pin-source"].removeprefix("file:"))
        if not (module.is_absolute() and pin_file.is_absolute()):
            raise ValueError("module-path and pin-source begin with /")
        label = where.get("object", "hemicycle")
        for name, value in (("token", where["token"]), ("object", label)):
            if not _LABEL.fullmatch(value):
                raise ValueError(f"{name} is a label of at most 32 characters")
        return cls(module, where["token"], label, pin_file)


def _attributes(text: str, separator: str, known: set[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in text.split(separator) if text else ():
        name, equals, value = part.partition("=")
        if name not in known or not equals or not value or name in found:
            raise ValueError(f"cannot read {name!r} in it")
        found[name] = unquote(value)
    return found


def check_place(place: str) -> str:
    """Return an address of a key unchanged; raise `ValueError` that says how to correct it."""
    scheme, _, rest = place.partition(":")
    if scheme == "pkcs11":
        TokenAddress.parse(place)
    elif scheme not in {"file", "unix"} or not rest.startswith("/"):
        raise ValueError("use file:/path, unix:/path or pkcs11:token=…?module-path=…&pin-source=…")
    return place
