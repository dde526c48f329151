"""The letters of the hearing itself, to lists of people who may not have registered."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hemicycle.hearing.setup.models import Hearing
from hemicycle.mail.outgoing import invited
from hemicycle.mail.outgoing.frame import meetings, page, when
from hemicycle.mail.outgoing.models import Message
from hemicycle.mail.outgoing.signals import Addressee
from hemicycle.mail.outgoing.texts import BRACES, Field, Letter, Text, Values, built_in, declare
from hemicycle.ui.languages import apart, labelled

NOBODY = Addressee(address="someone@example.org", name="…", organization="…")


def deadlines(hearing: Hearing) -> str:
    """Return the deadlines of registration, a line for each track."""
    return "\n".join(
        labelled(deadline.label, when(deadline.at, hearing)) for deadline in hearing.deadlines.all()
    )


def named(hearing: Hearing, to: Addressee) -> Values:
    """Return the values that name the addressee."""
    return {
        "name": to.name or to.organization,
        "organization": to.organization,
        "inscribe": invited.url(hearing, to.of),
    }


def general(hearing: Hearing) -> Values:
    """Return the values that all letters to lists have in common."""
    return {
        "title": apart(hearing.title),
        "convener": _convener(hearing),
        "meetings": meetings(hearing),
        "venue": hearing.venue,
        "deadlines": deadlines(hearing),
        "enclosed": "",
        "contact": hearing.mailboxes.get("information", ""),
        "link": page(hearing),
    }


def _convener(hearing: Hearing) -> str:
    if not hearing.convener:
        return _("The secretariat of the hearing")
    return apart(hearing.convener)


GENERAL = (
    Field("name", gettext_lazy("name of the recipient")),
    Field("organization", gettext_lazy("organization of the recipient")),
    Field("title", gettext_lazy("the hearing’s title")),
    Field("convener", gettext_lazy("who convenes it")),
    Field("meetings", gettext_lazy("when it meets, a line for each meeting")),
    Field("venue", gettext_lazy("where it meets")),
    Field("deadlines", gettext_lazy("deadlines of registration, a line for each track")),
    Field("enclosed", gettext_lazy("the documents enclosed with the letter")),
    Field("contact", gettext_lazy("the hearing’s mailbox for information")),
    Field("link", gettext_lazy("address of the hearing’s page"), required=True),
)


def _invitation() -> Text:
    return built_in(
        _("invitation"),
        _("%(convener)s invites you to “%(title)s”.") % BRACES,
        _("When and where:\n%(meetings)s\n%(venue)s") % BRACES,
        _("Registration is open until:\n%(deadlines)s") % BRACES,
        _("Inscribe your delegation with your mission’s own link: %(inscribe)s") % BRACES,
        _("More about the hearing, and registration: %(link)s") % BRACES,
        _("Enclosed: %(enclosed)s") % BRACES,
    )


def _announcement() -> Text:
    return built_in(
        _("announcement"),
        _("There is news about “%(title)s”: %(link)s") % BRACES,
    )


def _example(hearing: Hearing) -> Values:
    return {**general(hearing), **named(hearing, NOBODY)}


INVITATION = declare(
    Letter(
        "invitation",
        Message.Purpose.INVITATION,
        gettext_lazy("Invitation"),
        _invitation,
        (
            *GENERAL,
            Field("inscribe", gettext_lazy("a mission’s own link to the form; empty for others")),
        ),
        example=_example,
        common=general,
        personal=named,
        papers=("letter-pdf", "note-pdf", "note-docx", "calendar"),
    )
)
ANNOUNCEMENT = declare(
    Letter(
        "announcement",
        Message.Purpose.ANNOUNCEMENT,
        gettext_lazy("Announcement"),
        _announcement,
        GENERAL,
        example=_example,
        common=general,
        personal=named,
    )
)
