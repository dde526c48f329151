"""The language in which `hemicycle verify` and `hemicycle witness` speak, without Django.

Its messages come from the catalogues of Hemicycle's pages. Commands enter `speaking`; outside it
the language is English, because what a service stores, compares or logs must not depend on
anybody's language. `verify.pyz` contains small catalogues of its own (`portable`).
"""

import argparse
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

SOURCE = "en"
FOLDER, FILE = "locale", "LC_MESSAGES/django.mo"
"""Where catalogues are in the package: `locale/fr/LC_MESSAGES/django.mo`."""

_now: ContextVar[NullTranslations | None] = ContextVar("speech", default=None)


def gettext(message: str) -> str:
    """Return a message in the language of the command."""
    spoken = _now.get()
    return spoken.gettext(message) if spoken else message


def noop(message: str) -> str:
    """Mark a message for translation; `gettext` or Django translates it where it is shown."""
    return message


def base(tag: str) -> str:
    """Return the language of a tag: "fr" of "fr_CH.UTF-8", "zh" of "zh-Hans"."""
    return tag.replace("_", "-").partition(".")[0].partition("-")[0].lower()


def languages() -> list[str]:
    """Return the languages that a command can speak, by their tags without region or script."""
    return sorted({SOURCE, *_catalogues()})


def of_environment() -> str:
    """Return the language that the environment asks for, as POSIX and gettext order it.

    The first of LC_ALL, LC_MESSAGES and LANG that is set counts; if it is not "C", LANGUAGE is
    tried before it. English if there is no catalogue for any of them.
    """
    names = (os.environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    first = next(filter(None, names), "")
    if base(first) in {"", "c", "posix"}:
        return SOURCE
    wanted = [*os.environ.get("LANGUAGE", "").split(":"), first]
    known = languages()
    return next((base(tag) for tag in wanted if base(tag) in known), SOURCE)


def of_arguments(given: Sequence[str]) -> str:
    """Return the language that `--language` names, or else the environment's.

    Commands call this before they parse arguments, so that help and errors are in that language.
    """
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--language", default="")
    return parser.parse_known_args(given)[0].language or of_environment()


class HelpFormatter(argparse.HelpFormatter):
    """Writes argparse's own words in the language of the command."""

    def add_usage(self, usage: Any, actions: Any, groups: Any, prefix: str | None = None) -> None:
        super().add_usage(usage, actions, groups, prefix or f"{gettext('usage:')} ")


def options_of(parser: argparse.ArgumentParser) -> argparse._ArgumentGroup:
    """Return the group of a parser's options, with `--help` and `--language` in it."""
    group = parser.add_argument_group(gettext("Options"))
    group.add_argument("-h", "--help", action="help", help=gettext("show this help"))
    group.add_argument(
        "--language",
        type=base,
        choices=languages(),
        help=gettext("the language of what is printed; default: that of the environment (LANG)"),
    )
    return group


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Use a language inside the block; English if it has no catalogue."""
    token = _now.set(_translations(language))
    try:
        yield
    finally:
        _now.reset(token)


def _translations(language: str) -> NullTranslations:
    found = _catalogues().get(base(language))
    if found is None:
        return NullTranslations()
    with found.open("rb") as file:
        return GNUTranslations(file)


def _catalogues() -> dict[str, Traversable]:
    """Return the compiled catalogues by language; none in a checkout that has not compiled any."""
    folder = files("hemicycle").joinpath(FOLDER)
    if not folder.is_dir():
        return {}
    found = {base(own.name): own.joinpath(FILE) for own in folder.iterdir()}
    return {tag: catalogue for tag, catalogue in found.items() if catalogue.is_file()}
