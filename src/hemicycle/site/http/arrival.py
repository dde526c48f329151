"""Tells `hemicycle doctor`, and no one else, from which address its own request arrived.

The doctor signs its question with the site's secret key, so that no visitor learns the address of a
proxy.
"""

from django.core.signing import BadSignature, TimestampSigner

ARRIVAL = "X-Arrived-From"
"""The header of the question, and of the answer."""

_WORD = "doctor"
_LASTS_S = 60


def question() -> str:
    """Return the value of the request's header; it is valid for one minute."""
    return _signer().sign(_WORD)


def answer(asked: bytes, address: str) -> str:
    """Return `address` if the doctor signed the question, or else ""."""
    try:
        _signer().unsign(asked.decode("latin-1"), max_age=_LASTS_S)
    except BadSignature:
        return ""
    return address


def _signer() -> TimestampSigner:
    return TimestampSigner(salt="hemicycle.site.http.arrival")
