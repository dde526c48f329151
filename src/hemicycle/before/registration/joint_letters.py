"""The letters about a proposal to speak jointly."""

from collections.abc import Callable

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hemicycle.before.registration import links
from hemicycle.before.registration.letters import LINK, NAME, page_words
from hemicycle.before.registration.models import Inscription, JoinProposal
from hemicycle.hearing.people.reader import speaking_to
from hemicycle.hearing.setup.models import Hearing
from hemicycle.mail.outgoing.models import Message
from hemicycle.mail.outgoing.texts import (
    BRACES,
    Field,
    Letter,
    Text,
    Values,
    built_in,
    declare,
    send,
)

Purpose = Message.Purpose


def would_change(proposal: JoinProposal, place: Inscription) -> str:
    """Return what an agreement would change for the holder of a place, in the active language."""
    said = (
        _("Your place on the list would stay, and %(organization)s would be your co-signer.")
        if place.id == proposal.first_id
        else _(
            "You would leave the list and be a co-signer of %(organization)s, whose place is "
            "earlier."
        )
    )
    return said % {"organization": _other(proposal, place)}


def has_changed(proposal: JoinProposal, place: Inscription) -> str:
    """Return what the two agreements changed for the holder of a place."""
    said = (
        _("Your place on the list stays, and %(organization)s is now your co-signer.")
        if place.id == proposal.first_id
        else _("You have left the list and are now a co-signer of %(organization)s.")
    )
    return said % {"organization": _other(proposal, place)}


def _other(proposal: JoinProposal, place: Inscription) -> str:
    other = proposal.second if place.id == proposal.first_id else proposal.first
    return other.registration.public_organization


def _invitation_text() -> Text:
    return built_in(
        _("a proposal to speak jointly"),
        _(
            "Your request for the floor in “%(panel)s” and that of another organization are "
            "alike. The secretariat proposes that you speak jointly."
        )
        % BRACES,
        "{change}",
        _("Nothing changes unless both agree. Agree or decline on your personal page: %(link)s")
        % BRACES,
    )


def _joined_text() -> Text:
    return built_in(
        _("your requests have been joined"),
        _("Both organizations have agreed to speak jointly in “%(panel)s”.") % BRACES,
        "{change}",
        page_words(),
    )


def _declined_text() -> Text:
    return built_in(
        _("the proposal to speak jointly was declined"),
        _("You will not speak jointly in “%(panel)s”. Both requests stay as they were.") % BRACES,
        page_words(),
    )


type Change = Callable[[JoinProposal, Inscription], str]


def _values(proposal: JoinProposal, place: Inscription, change: Change | None) -> Values:
    registration = place.registration
    return {
        "name": registration.person.name,
        "panel": place.segment.title,
        "change": change(proposal, place) if change else "",
        "link": links.personal_url(registration),
    }


def _example(change: Change | None) -> Callable[[Hearing], Values | None]:
    def example(hearing: Hearing) -> Values | None:
        rows = JoinProposal.objects.filter(
            hearing=hearing, first__registration__person__erased_at=None
        )
        related = ("segment", "registration__person", "registration__organization")
        paths = [f"{place}__{name}" for place in ("first", "second") for name in related]
        last = rows.select_related(*paths).order_by("-proposed_at").first()
        return _values(last, last.first, change) if last else None

    return example


_PANEL = Field("panel", gettext_lazy("panel in which the floor is asked for"))
_CHANGE = Field("change", gettext_lazy("what changes for the recipient"), required=True)
INVITATION = declare(
    Letter(
        "joint-proposal",
        Purpose.CO_SIGNER,
        gettext_lazy("Proposal to speak jointly"),
        _invitation_text,
        (NAME, _PANEL, _CHANGE, LINK),
        example=_example(would_change),
    )
)
JOINED = declare(
    Letter(
        "joint-agreed",
        Purpose.CO_SIGNER,
        gettext_lazy("Requests joined"),
        _joined_text,
        (NAME, _PANEL, _CHANGE, LINK),
        example=_example(has_changed),
    )
)
DECLINED = declare(
    Letter(
        "joint-declined",
        Purpose.CO_SIGNER,
        gettext_lazy("Proposal to speak jointly declined"),
        _declined_text,
        (NAME, _PANEL, LINK),
        example=_example(None),
    )
)


def invite(proposal: JoinProposal, place: Inscription) -> None:
    """Ask the holder of a place whether they agree."""
    _send(INVITATION, proposal, place, would_change)


def joined(proposal: JoinProposal, place: Inscription) -> None:
    """Tell the holder of a place that both have agreed."""
    _send(JOINED, proposal, place, has_changed)


def declined(proposal: JoinProposal, place: Inscription) -> None:
    """Tell the holder of a place that one of the two has declined."""
    _send(DECLINED, proposal, place, None)


def _send(
    letter: Letter, proposal: JoinProposal, place: Inscription, change: Change | None
) -> None:
    registration = place.registration
    with speaking_to(registration.person):
        values = _values(proposal, place, change)
        send(letter, hearing=registration.hearing, values=values, person=registration.person)
