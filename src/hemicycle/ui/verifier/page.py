"""The page as one file: `verify.html`, including its script, styles and texts.

The site serves the page, and every archive contains the same bytes. In a page opened from a folder,
browsers load no modules and no script can read neighbouring files; so the modules in
`static/verifier` are joined to one script, and the reader chooses the files. The page's own policy
names the digests of its script and its styles and allows nothing else: it can neither load nor send
anything.
"""

import re
from base64 import b64encode
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.html import json_script
from django.utils.safestring import mark_safe
from django.utils.translation import get_language_bidi, override

from hemicycle.ui.languages import base
from hemicycle.ui.verifier.messages import messages

NAME = "verify.html"
MODULES = (
    *("sha256", "json", "proofs", "log", "joint", "record", "checkpoints", "receipts", "zip"),
    *("archive", "findings", "words", "results", "page"),
)
"""The scripts, each after those that it imports; all names at their top level must be different."""

_HERE = Path(__file__).parent / "static" / "verifier"
TOKENS = Path(__file__).parents[1] / "static" / "css" / "tokens.css"
_IMPORT = re.compile(r'^import (?:\{[^}]*\}|\*[^;]*) from "\./\w+\.js";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=\w)", re.MULTILINE)


@cache
def packed() -> bytes:
    """Return the bytes of the page."""
    # Passed as whole elements: the digests cover every space, which a formatter of templates moves.
    context = {
        "script": mark_safe(f"<script>{script_of(MODULES)}</script>"),  # noqa: S308 - our own
        "styles": mark_safe(f"<style>{_styles()}</style>"),  # noqa: S308 - our own
        "policy": policy(),
        "words": json_script(_words(), "words"),
        "languages": _words(),
    }
    return render_to_string("ui/verifier.html", context).encode()


@cache
def policy() -> str:
    """Return the content security policy, for the page itself and for the response."""
    script, styles = _source(script_of(MODULES)), _source(_styles())
    return (
        f"default-src 'none'; script-src {script}; style-src {styles}; "
        "base-uri 'none'; form-action 'none'"
    )


def script_of(modules: tuple[str, ...]) -> str:
    """Return modules as one script: a block, in which no name may be declared twice."""
    texts = (_HERE.joinpath(f"{name}.js").read_text("utf-8") for name in modules)
    plain = (_EXPORT.sub("", _IMPORT.sub("", text)) for text in texts)
    return '"use strict";\n{\n' + "\n".join(plain) + "}\n"


def _styles() -> str:
    return TOKENS.read_text("utf-8") + _HERE.joinpath("verifier.css").read_text("utf-8")


def _source(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _words() -> dict[str, Any]:
    return {base(code): _in_language(code, name) for code, name in settings.LANGUAGES}


def _in_language(code: str, name: str) -> dict[str, Any]:
    with override(code):
        return {
            "name": name,
            "tag": code,
            "dir": "rtl" if get_language_bidi() else "ltr",
            "words": messages(),
        }
