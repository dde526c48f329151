"""The hearing for search engines and calendars: an Event of schema.org in JSON-LD, on its page.

The block is data: its type is not that of a script, so no browser runs it, and the policy against
inline scripts does not apply to it (a test checks this in Chromium).
"""

import json
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from hemicycle.hearing.setup.models import Hearing
from hemicycle.hearing.setup.queries import Sitting

_ESCAPES = {ord(char): f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"}
"""Characters that could end the block or begin markup, as escapes that JSON decodes."""


def block(hearing: Hearing, sittings: list[Sitting]) -> SafeString:
    """Return the `script` element with the event's data; "" for a hearing without meetings."""
    if not sittings:
        return mark_safe("")
    text = json.dumps(event(hearing, sittings), ensure_ascii=False).translate(_ESCAPES)
    return mark_safe(f'<script type="application/ld+json">{text}</script>')  # noqa: S308 - escaped


def event(hearing: Hearing, sittings: list[Sitting]) -> dict[str, Any]:
    """Return the hearing as an Event with its meetings as parts; times have the zone's offset."""
    page = settings.BASE_URL + reverse("hearing:page", kwargs={"slug": hearing.slug})
    meetings = [sitting.meeting for sitting in sittings]
    where = [{"@type": "VirtualLocation", "url": page}]
    if hearing.venue:
        where.append({"@type": "Place", "name": hearing.venue, "address": hearing.venue})
    common = {
        "@type": "Event",
        "eventStatus": "https://schema.org/"
        + ("EventPostponed" if hearing.is_postponed else "EventScheduled"),
        "eventAttendanceMode": "https://schema.org/"
        + ("MixedEventAttendanceMode" if hearing.venue else "OnlineEventAttendanceMode"),
        "location": where,
        "isAccessibleForFree": True,
    }
    found: dict[str, Any] = {
        "@context": "https://schema.org",
        "@id": page,
        "url": page,
        **common,
        "name": hearing.title,
        "startDate": _time(hearing, meetings[0].starts_at),
        "endDate": _time(hearing, meetings[-1].ends_at),
        "inLanguage": hearing.languages,
        "subEvent": [
            {
                **common,
                "name": meeting.title or hearing.title,
                "startDate": _time(hearing, meeting.starts_at),
                "endDate": _time(hearing, meeting.ends_at),
            }
            for meeting in meetings
        ],
    }
    if hearing.theme or hearing.objective:
        found["description"] = hearing.theme or hearing.objective
    if hearing.convener:
        found["organizer"] = {"@type": "Organization", "name": hearing.convener}
    return found


def _time(hearing: Hearing, moment: Any) -> str:
    local: str = moment.astimezone(hearing.zone).isoformat()
    return local
