"""The sentences in which the audit view tells of the rooms."""

from django.utils.translation import gettext_lazy as _

from hemicycle.record import words
from hemicycle.room import broadcasters

SENTENCES = {
    "practice.passed": _(
        "%(person)s passed the check of microphone and network (%(rtt_ms)s ms there and back)."
    ),
    "broadcaster.added": _(
        "Another broadcaster (%(broadcaster)s) gets the program by %(protocol)s; heard with it: "
        "%(channel)s."
    ),
    "broadcaster.removed": _("The program is sent to a broadcaster (%(broadcaster)s) no longer."),
}


def declare() -> None:
    """Put the sentences where the audit view finds them."""
    for kind, sentence in SENTENCES.items():
        words.say(kind, sentence)
    words.VALUES["channel"] = broadcasters.channel_name
    words.VALUES["protocol"] = str.upper
    words.VALUES["broadcaster"] = _short


def _short(id: str) -> str:
    """Enough of an id to tell two of them apart."""
    return id[:8]
