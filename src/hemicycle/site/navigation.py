"""The destinations of the navigation, which the setting `NAVIGATION` names.

They are defined here because only the site knows every folder; `hemicycle.ui.navigation` turns them
into links. A destination has the name of its URL, a label and, if its pages are below another
address, the name of that URL.
"""

from collections.abc import Iterator
from dataclasses import replace

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hemicycle.ui.navigation import Destination


def _group(heading: str | Promise, *places: Destination) -> Iterator[Destination]:
    """Return the destinations with their heading."""
    return (replace(place, group=heading) for place in places)


AREAS = {
    "public": [
        Destination("hearing:page", _("The hearing")),
        Destination("registration:choose", _("Take part")),
        Destination("speakers:public", _("Speakers")),
        Destination("statements:library", _("Statements")),
        Destination("webcast:live", _("Watch")),
        Destination("registration:check-receipt", _("Verify")),
    ],
    "office": [
        Destination("hearing:office", _("Overview")),
        *_group(
            _("Before the meeting"),
            Destination("hearing:programme", _("Programme")),
            Destination("outgoing:mailings", _("Letters"), root="outgoing:letters"),
            Destination("outgoing:plan", _("Changes of plan")),
            Destination("registration:office", _("Registrations")),
            Destination("accreditation:office", _("Review")),
            Destination("speakers:office", _("Lists of speakers")),
            Destination("statements:office", _("Statements")),
            Destination("questions:office", _("Questions")),
            Destination("training:office", _("Training")),
            Destination("meeting_documents:office", _("Documents")),
            Destination("hearing:people", _("People")),
        ),
        *_group(
            _("The meeting"),
            Destination("hearing:day", _("The day")),
            Destination("room:console", _("Console")),
            Destination("room:floor", _("Floor")),
            Destination("interpretation:office", _("Booths")),
            Destination("wall:office", _("Wall")),
        ),
        *_group(
            _("After the meeting"),
            Destination("summary:office", _("Summary")),
            Destination("consent:office", _("Consents")),
            Destination("cutting:office", _("Recordings")),
        ),
        *_group(
            _("The system"),
            Destination("outgoing:office", _("Outbox")),
            Destination("incoming:office", _("Mailroom")),
            Destination("hearing:record", _("Record")),
            Destination("hearing:office-privacy", _("Personal data")),
            Destination("security:office", _("Security log")),
            Destination("api:office", _("API and webhooks")),
        ),
    ],
}
