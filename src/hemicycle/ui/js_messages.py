"""Texts of scripts, passed to the page as a block of data in the reader's language.

A text is a string with `{name}` placeholders; a plural is a dict from CLDR category to text, from
which the script chooses by `Intl.PluralRules`. A page with its own texts adds `{{
words|json_script:"hc-messages-NAME" }}`; `messages.js` reads every block of that kind.
"""

from collections.abc import Callable

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

_EXAMPLES = {"zero": 0, "one": 1, "two": 2, "few": 3, "many": 11, "other": 100}

type Text = str | dict[str, str]


def plural(form: Callable[[int], str]) -> dict[str, str]:
    """Return the plural forms by CLDR category; `form` returns the `ngettext` of a number."""
    return {category: form(n) for category, n in _EXAMPLES.items()}


def messages() -> dict[str, Text]:
    """Return the texts of the shared scripts, in the active language."""
    return {
        "clock.free": pgettext("the clock", "ready"),
        "clock.ready": pgettext("the clock", "ready"),
        "clock.speaking": pgettext("the clock", "speaking"),
        "clock.warning": pgettext("the clock", "time nearly up"),
        "clock.time": pgettext("the clock", "time up"),
        "clock.stopped": pgettext("the clock", "stopped"),
        "clock.warned": plural(lambda n: ngettext("{n} second left", "{n} seconds left", n)),
        "clock.sound_on": _("Sound is on"),
        "clock.sound_off": _("Sound is off"),
        "link.connecting": _("connecting"),
        "link.live": pgettext("a connection", "connected"),
        "link.reconnecting": _("reconnecting"),
        "link.lost": _("connection lost"),
        "link.retry": _("Try again"),
        "draft.saving": _("Saving the draft …"),
        "draft.saved": _("Draft saved {time}"),
        "draft.failed": _(
            "The draft could not be saved. Your text is still on this page, and "
            "you can still submit it."
        ),
        "submit.sending": _("Sending …"),
        "upload.sent": _("Sent so far"),
        "upload.figures": _("{sent} of {total}"),
        "upload.left": _("Time left: about {time}."),
        "upload.stored": _("Everything is sent. The server is storing the file."),
        "upload.cancel": _("Cancel"),
        "upload.cancelled": _("You cancelled. The file was not submitted."),
        "upload.failed": _(
            "The file could not be sent. Check your connection, then press the button again."
        ),
        "words.count": plural(lambda n: ngettext("{n} word", "{n} words", n)),
        "words.takes": _("about {time} at {rate} words a minute"),
        "words.over": plural(
            lambda n: ngettext(
                "{n} word more than the time allows", "{n} words more than the time allows", n
            )
        ),
        "copy.done": _("Copied"),
        "copy.failed": _("Select the text and copy it"),
        "time.yours": _("{time} your time"),
        "time.closes": _("closes {time}"),
        "time.closed": _("closed {time}"),
    }
