"""The letters that registrations cause, in the language of the one who gets them.

Each is queued in the transaction of its act. The link in a letter is the only way to the page.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import override, pgettext

from hemicycle.correspondence.actions import queue
from hemicycle.correspondence.models import Message
from hemicycle.hearings.models import Hearing
from hemicycle.parties.models import Person
from hemicycle.record import clock
from hemicycle.registration import links
from hemicycle.registration.models import CoSigner, FloorRequest, Registration

Purpose = Message.Purpose


def when(moment: datetime, hearing: Hearing) -> str:
    """A moment in words, in the hearing's zone, to the second where it has one."""
    local = moment.astimezone(hearing.zone)
    clock = local.strftime("%H:%M:%S" if local.second else "%H:%M")
    day = formats.date_format(local, pgettext("date format, as Django's date filter", "j F Y"))
    told = pgettext("date and time", "%(day)s, %(time)s") % {"day": day, "time": clock}
    return f"{told} ({hearing.time_zone.replace('_', ' ')})"


def _send(registration: Registration, purpose: Message.Purpose, subject: str, *body: str) -> None:
    queue(
        hearing_id=registration.hearing_id,
        purpose=purpose,
        subject=f"{registration.hearing}: {subject}",
        body="\n\n".join(filter(None, body)),
        person=registration.person,
    )


def _page(registration: Registration) -> str:
    link = links.personal_url(registration)
    return _("Your personal page, which nobody else should see: %(link)s") % {"link": link}


def place_words(request: FloorRequest) -> str:
    """One line about a place: its number of arrival, and where."""
    values = {"place": request.place, "panel": request.segment.title}
    if request.place is None:
        return _("Request for the floor received: %(panel)s") % values
    return _("Place %(place)s by order of arrival: %(panel)s") % values


def waiting_words(position: int, panel: str = "") -> str:
    """One line about where somebody stands on a waiting list."""
    values = {"position": position, "panel": panel}
    if panel:
        return (
            _("The list for the floor is full. You wait as number %(position)s: %(panel)s") % values
        )
    return _("All places are taken. Your registration waits as number %(position)s.") % values


def receipt(
    registration: Registration, requests: list[FloorRequest], waits: Sequence[str] = ()
) -> None:
    """Say that it was received, with the places or what it waits for, the reference, the link."""
    reference = _("Your reference: %(reference)s") % {"reference": registration.reference}
    received = _("We received your registration on %(when)s.") % {
        "when": when(registration.arrived_at, registration.hearing)
    }
    places = "\n".join([*(place_words(request) for request in requests), *waits])
    proof = _("The page holds your signed receipt, which proves this place.")
    subject = _("registration received, %(reference)s") % {"reference": registration.reference}
    page = _page(registration)
    _send(registration, Purpose.RECEIPT, subject, received, reference, places, page, proof)


def link_again(registration: Registration) -> None:
    """Send the personal link once more, to the address that was registered."""
    with override(registration.person.language):
        asked = _("Somebody, probably you, asked for this link again.")
        _send(registration, Purpose.SIGN_IN, _("your personal link"), asked, _page(registration))


def may_send_link(registration: Registration, pause_s: int) -> bool:
    """Whether none was sent to this person within the last `pause_s` seconds."""
    since = clock.now() - timedelta(seconds=pause_s)
    sent = Message.objects.filter(
        person=registration.person, purpose=Purpose.SIGN_IN, queued_at__gt=since
    )
    return not sent.exists()


def link_replaced(registration: Registration) -> None:
    """Send a new link after the old one was revoked."""
    with override(registration.person.language):
        said = _("The secretariat has replaced your personal link; the one before opens nothing.")
        _send(registration, Purpose.SIGN_IN, _("your new link"), said, _page(registration))


def ask_co_signer(co_signer: CoSigner, panels: str) -> None:
    """Ask an organization whether it joins the intervention."""
    registration = co_signer.registration
    values = {
        "organization": registration.organization.name,
        "co_signer": co_signer.organization_name,
        "hearing": registration.hearing.title,
        "panel": panels,
        "link": links.co_signer_url(co_signer),
    }
    queue(
        hearing_id=registration.hearing_id,
        purpose=Purpose.CO_SIGNER,
        subject=_("%(organization)s asks you to join its intervention") % values,
        body=_(
            "%(organization)s has asked for the floor at “%(hearing)s”, in “%(panel)s”, and names "
            "%(co_signer)s as joining its intervention.\n\nAgree or decline here: %(link)s\n\n"
            "Until you agree, your organization is not mentioned anywhere."
        )
        % values,
        address=co_signer.email,
    )


def co_signer_answered(co_signer: CoSigner) -> None:
    """Tell the registered person what a co-signer answered."""
    registration = co_signer.registration
    with override(registration.person.language):
        values = {"organization": co_signer.organization_name}
        said = (
            _("%(organization)s joins your intervention.")
            if co_signer.state == CoSigner.State.CONSENTED
            else _("%(organization)s does not join your intervention.")
        )
        subject = _("a co-signer has answered")
        _send(registration, Purpose.CO_SIGNER, subject, said % values, _page(registration))


def decided(registration: Registration, reason: str) -> None:
    """Say what the secretariat decided, and why."""
    with override(registration.person.language):
        if registration.status == Registration.Status.ACCEPTED:
            subject, said = _("registration accepted"), _("Your registration has been accepted.")
        else:
            subject, said = _("registration not accepted"), _("Your registration was not accepted.")
        why = _("Reason: %(reason)s") % {"reason": reason} if reason else ""
        _send(registration, Purpose.DECISION, subject, said, why, _page(registration))


def promoted(registration: Registration, admitted: bool, panels: list[str]) -> None:
    """Tell one who waited that a place fell free and is theirs."""
    with override(registration.person.language):
        said = [_("A place has fallen free, and your registration has moved up.")] * admitted
        said += [_("You now have a place on the list for the floor in: %(panel)s") % {"panel": one}
                 for one in panels]  # fmt: skip
        subject = _("you have moved up from the waiting list")
        _send(registration, Purpose.DECISION, subject, *said, _page(registration))


def withdrawn(registration: Registration, panels: list[str]) -> None:
    """Confirm a withdrawal."""
    with override(registration.person.language):
        if registration.status == Registration.Status.WITHDRAWN:
            said = _("Your registration has been withdrawn.")
        else:
            said = _("You have given up the floor in: %(panels)s") % {"panels": ", ".join(panels)}
        _send(registration, Purpose.WITHDRAWAL, _("withdrawal"), said, _page(registration))


def replaced(registration: Registration, before: Person) -> None:
    """Tell both the one who speaks now and the one who no longer does."""
    values = {"organization": registration.organization.name, "name": registration.person.name}
    with override(registration.person.language):
        said = _("You now speak for %(organization)s.") % values
        _send(registration, Purpose.SIGN_IN, _("you are the speaker"), said, _page(registration))
    with override(before.language):
        queue(
            hearing_id=registration.hearing_id,
            purpose=Purpose.WITHDRAWAL,
            subject=_("%(name)s now speaks for %(organization)s") % values,
            body=_(
                "%(name)s has taken your place as the speaker of %(organization)s. Your personal "
                "link no longer opens anything."
            )
            % values,
            person=before,
        )
