"""The letter with the link to the floor, for people on a list of speakers."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hemicycle.before.registration import links
from hemicycle.before.registration.models import Registration
from hemicycle.before.speakers.letters import last_on_lists
from hemicycle.hearing.people.private_links import whole
from hemicycle.hearing.setup.models import Hearing
from hemicycle.mail.outgoing.letters import GENERAL, general
from hemicycle.mail.outgoing.models import Message
from hemicycle.mail.outgoing.signals import Addressee
from hemicycle.mail.outgoing.texts import BRACES, Field, Letter, Text, Values, built_in, declare


def _text() -> Text:
    return built_in(
        _("your link to the floor"),
        _("Use this link to enter the meeting, follow it and take the floor: %(link)s") % BRACES,
        _("This link is private: do not share it. It opens one seat at a time."),
        _("Test your camera, microphone and connection beforehand: %(practice)s") % BRACES,
    )


def _personal(hearing: Hearing, to: Addressee) -> Values | None:
    if (
        not isinstance(to.of, Registration)
        or not to.of.takes_part
        or not to.of.inscriptions.filter(state="inscribed").exists()
    ):
        return None
    return _values(hearing, to.of, to.name, to.organization)


def _values(hearing: Hearing, registration: Registration, name: str, organization: str) -> Values:
    secret = links.secret_of(registration)
    return {
        "name": name,
        "organization": organization,
        "link": links.absolute(whole("room:seat", hearing.slug, secret)),
        "practice": links.absolute(whole("room:practice", secret)),
    }


def _example(hearing: Hearing) -> Values | None:
    last = last_on_lists(hearing)
    if last is None:
        return None
    own = last.registration
    values = _values(hearing, own, own.person.name, own.organization.name)
    return {**general(hearing), **values}


FLOOR_LINK = declare(
    Letter(
        "floor-link",
        Message.Purpose.FLOOR_LINK,
        gettext_lazy("Link to the floor"),
        _text,
        (
            *(field for field in GENERAL if field.name != "link"),
            Field("link", gettext_lazy("address of the seat"), required=True),
            Field("practice", gettext_lazy("address of the practice room")),
        ),
        example=_example,
        common=general,
        personal=_personal,
        registered=True,
    )
)
