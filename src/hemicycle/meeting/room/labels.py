"""The sentences about the room in the audit view."""

from django.utils.translation import gettext_lazy as _

from hemicycle.meeting.room import broadcasters
from hemicycle.record import labels

SENTENCES = {
    "practice.passed": _(
        "%(person)s passed the check of microphone and network (round trip %(rtt_ms)s ms)."
    ),
    "broadcaster.added": _(
        "Another broadcaster (%(broadcaster)s) gets the program by %(protocol)s; sound: "
        "%(channel)s."
    ),
    "broadcaster.removed": _("The program is no longer sent to a broadcaster (%(broadcaster)s)."),
}


def _short(id: str) -> str:
    """Return enough digits of an id to distinguish it from others."""
    return id[:8]


labels.declare_sentences(SENTENCES)
labels.declare_formats(channel=broadcasters.channel_name)
labels.declare_formats(protocol=str.upper)
labels.declare_formats(broadcaster=_short)
