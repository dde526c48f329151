"""Why an offer is not answered: a code each, and `str()` an English detail for its sender."""

from typing import ClassVar


class BadOffer(ValueError):
    """An offer that cannot be read, or that asks for something the engine does not offer."""

    code: ClassVar = "bad_offer"


class NoCodec(ValueError):
    """An offer without a codec that the engine supports."""

    code: ClassVar = "no_codec"


class NoPort(RuntimeError):
    """Every UDP port of the range is taken."""

    code: ClassVar = "no_port"
