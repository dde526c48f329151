"""The operator's settings about the site, read once by `site.settings` (docs/settings.md)."""

import re
from pathlib import Path
from urllib.parse import urlsplit

PAGES = ("accessibility", "imprint", "privacy")
FILE_NAME = re.compile(rf"({'|'.join(PAGES)})\.([a-z]{{2,3}}(?:-[a-z0-9]{{2,8}})*)\.md")
LONGEST = 256 * 1024
"""The size limit of a text file, in bytes."""


def contact_uri(raw: str) -> str:
    """Return the address for reports in the form of RFC 9116, an e-mail address as `mailto:`.

    Raises ValueError for anything other than an e-mail address or a `https:` or `tel:` address.
    """
    if not raw.isascii() or any(char.isspace() or not char.isprintable() for char in raw):
        raise ValueError("it must be in Latin letters without spaces")
    if not raw or raw.startswith(("mailto:", "tel:")):
        return raw
    if raw.startswith("https://") and urlsplit(raw).hostname:
        return raw
    if "@" in raw and "://" not in raw:
        return f"mailto:{raw}"
    raise ValueError("it must be an e-mail address, or begin with https:// or tel:")


def texts_folder(raw: str) -> Path | None:
    """Return the folder at that path, or None for ""; raise ValueError if a file is not usable."""
    if not raw:
        return None
    folder = Path(raw).expanduser().absolute()
    if not folder.is_dir():
        raise ValueError("it must be a folder that exists")
    for file in sorted(folder.glob("*.md")):
        _check(file)
    return folder


def _check(file: Path) -> None:
    if not FILE_NAME.fullmatch(file.name):
        raise ValueError(
            f"{file.name} in it must be called accessibility, imprint or privacy, then the "
            "language, then .md, such as imprint.fr.md"
        )
    if file.stat().st_size > LONGEST:
        raise ValueError(f"{file.name} in it must have at most {LONGEST // 1024} KB")
    try:
        file.read_text("utf-8")
    except UnicodeDecodeError:
        raise ValueError(f"{file.name} in it must be in UTF-8") from None
