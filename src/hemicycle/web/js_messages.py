"""The words that scripts say, handed to the page as a block of data in the reader's language.

A text is a string with `{name}` places; a plural is a dict from CLDR category to text, of which
the script takes the one its own `Intl.PluralRules` names. A page with words of its own adds
`{{ words|json_script:"hc-messages-NAME" }}`; `messages.js` reads every block of that kind.
"""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

_EXAMPLES = {"zero": 0, "one": 1, "two": 2, "few": 3, "many": 11, "other": 100}

type Text = str | dict[str, str]


def plural(one: str, many: str) -> dict[str, str]:
    """The plural forms of a translatable pair, by CLDR category; `{n}` is the number's place."""
    return {category: ngettext(one, many, n) for category, n in _EXAMPLES.items()}


def messages() -> dict[str, Text]:
    """What the shared scripts say, in the language now active."""
    return {
        "clock.idle": _("ready"),
        "clock.speaking": _("speaking"),
        "clock.seconds": plural("{n} second", "{n} seconds"),
        "clock.time": _("time"),
        "clock.stopped": _("stopped"),
        "clock.warned": plural("{n} second left", "{n} seconds left"),
        "clock.sound_on": _("Sound is on"),
        "clock.sound_off": _("Sound is off"),
        "link.connecting": _("connecting"),
        "link.live": _("live"),
        "link.reconnecting": _("reconnecting"),
        "link.lost": _("connection lost"),
        "link.retry": _("Try again"),
        "draft.saving": _("Saving the draft …"),
        "draft.saved": _("Draft saved {time}"),
        "draft.failed": _("The draft is not saved. It stays on this page; sending still works."),
        "submit.sending": _("Sending …"),
        "words.count": plural("{n} word", "{n} words"),
        "words.takes": _("about {time} at {rate} words a minute"),
        "words.over": plural(
            "{n} word more than the time allows", "{n} words more than the time allows"
        ),
        "copy.done": _("Copied"),
        "copy.failed": _("Select the text and copy it"),
        "time.yours": _("{time} your time"),
        "time.closes": _("closes {time}"),
        "time.closed": _("closed {time}"),
    }
