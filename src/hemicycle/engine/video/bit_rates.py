"""The bit rates of a picture, whole and reduced for narrow links. Pure."""

from hemicycle.engine.video.geometry import SMALL, Size, even

SMALL_BIT_RATE = 800_000
"""Bits per second at 640x360."""

REDUCED_HEIGHT, REDUCED_BIT_RATE = 360, 350_000
"""The most lines, and the bits per second, of the reduced picture for narrow links."""


def bit_rate_for(size: Size) -> int:
    """Return the bits per second for a size.

    A larger picture needs fewer bits for each pixel: the usual power of three quarters gives 0.8
    Mb/s for 640x360 and 2.3 Mb/s for 1280x720.
    """
    share = (size.width * size.height) / (SMALL.width * SMALL.height)
    return round(SMALL_BIT_RATE * float(share**0.75))


def camera_bit_rate(size: Size) -> int:
    """Return the bits per second that a camera may take if the program has this size.

    A camera's picture often fills the program, and is decoded and encoded again: an eighth more
    keeps it as sharp.
    """
    return round(1.125 * max(SMALL_BIT_RATE, bit_rate_for(size)))


def reduced_size(size: Size) -> Size:
    """Return the size of the reduced picture of a size: the same shape, at most 360 lines."""
    height = min(REDUCED_HEIGHT, size.height)
    return Size(even(size.width * height / size.height), height)
