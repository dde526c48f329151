"""Pictures at the head of a paper, checked before they are stored, so that each can be drawn.

The formats are those that Word and every PDF reader show, PNG and JPEG. python-docx reads their
headers; typst, which has decoders in Rust, draws the picture once.
"""

import io

from hemicycle.documents.writing import pdf

MOST_BYTES = 256 * 1024
MOST_PIXELS = 3000
"""The longest side in pixels; 80 mm at 600 dots per inch are 1,890."""
TYPES = frozenset({"image/png", "image/jpeg"})


class UnreadablePicture(ValueError):
    """Raised for a file that is not a drawable PNG or JPEG, or whose sides are too long."""


def size(content: bytes) -> tuple[int, int]:
    """Return the width and height of a picture in pixels. Raises `UnreadablePicture`."""
    from docx.image.exceptions import (  # 10 MB, which most processes never need
        InvalidImageStreamError,
        UnexpectedEndOfFileError,
        UnrecognizedImageError,
    )
    from docx.image.image import Image

    try:
        image = Image.from_file(io.BytesIO(content))
    except (
        InvalidImageStreamError,
        UnexpectedEndOfFileError,
        UnrecognizedImageError,
        KeyError,
        ValueError,
    ) as error:
        raise UnreadablePicture(str(error)) from error
    if image.content_type not in TYPES:
        raise UnreadablePicture(image.content_type)
    return image.px_width, image.px_height


def check(content: bytes) -> None:
    """Raise `UnreadablePicture` if the picture cannot be used in a paper."""
    sides = size(content)
    if not all(0 < side <= MOST_PIXELS for side in sides):
        raise UnreadablePicture("{}×{} pixels".format(*sides))
    if not pdf.draws(content):
        raise UnreadablePicture("damaged")
