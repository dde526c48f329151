"""The destinations of the navigation: the setting `NAVIGATION` names them.

They are here because only the site knows every folder; `hemicycle.ui.navigation` makes links of
them. A destination is the name of its URL and its label and, if its pages are below another address
than its own, the name of that URL.
"""

from django.utils.translation import gettext_lazy as _

from hemicycle.ui.navigation import Destination

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
        Destination("registration:office", _("Registrations")),
        Destination("accreditation:office", _("Review")),
        Destination("consent:office", _("Consents")),
        Destination("speakers:office", _("Lists of speakers")),
        Destination("hearing:programme", _("Programme")),
        Destination("statements:office", _("Statements")),
        Destination("questions:office", _("Questions")),
        Destination("training:office", _("Training")),
        Destination("wall:office", _("Wall")),
        Destination("summary:office", _("Summary")),
        Destination("hearing:people", _("People")),
        Destination("interpretation:office", _("Booths")),
        Destination("room:floor", _("Floor")),
        Destination("cutting:office", _("Recordings")),
        Destination("outgoing:mailings", _("Letters"), root="outgoing:letters"),
        Destination("incoming:office", _("Mailroom")),
        Destination("outgoing:office", _("Outbox")),
        Destination("hearing:record", _("Record")),
        Destination("hearing:office-privacy", _("Personal data")),
        Destination("security:office", _("Security log")),
        Destination("api:office", _("API and webhooks")),
    ],
}
