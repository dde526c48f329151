"""Why an offer is not answered. `str()` of each is a sentence for whoever sent it."""


class BadOffer(ValueError):
    """An offer that cannot be read, or asks for what is not given here."""


class NoCodec(ValueError):
    """An offer without a codec that we speak."""


class NoPort(RuntimeError):
    """Every UDP port of the range is taken."""
