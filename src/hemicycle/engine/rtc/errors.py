"""Reasons to refuse an offer: each has a code, and `str()` is an English detail for the sender."""

from typing import ClassVar


class BadOffer(ValueError):
    """An offer that cannot be read, or that asks for something the engine does not offer."""

    code: ClassVar = "bad_offer"


class NoCodec(ValueError):
    """An offer without a codec that the engine supports."""

    code: ClassVar = "no_codec"


class Full(RuntimeError):
    """As many people are connected as the engine may serve."""

    code: ClassVar = "full"
