"""The sentences about cuts in the audit view."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from hemicycle.record import clock, labels

SENTENCES = {
    "recording.cut": _(
        "A part of the recording of %(meeting)s (%(slot)s) is to be removed, from %(from_ms)s "
        "to %(to_ms)s: %(reason)s."
    ),
    "recording.cut_done": _(
        "A part of a recording (%(slot)s) was removed, from %(from_ms)s to %(to_ms)s."
    ),
}


def _moment(ms: Any) -> str:
    return f"{clock.from_ms(int(ms)):%Y-%m-%d %H:%M:%S} UTC" if ms else "…"


labels.declare_sentences(SENTENCES)
labels.declare_formats(from_ms=_moment, to_ms=_moment)
