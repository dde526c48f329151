"""The letters that registrations cause, in the language of the one who gets them.

Each is queued in the transaction of its act. The link in a letter is the only way to the page.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override, pgettext

from hemicycle.correspondence.actions import queue
from hemicycle.correspondence.models import Message
from hemicycle.correspondence.texts import (
    BRACES,
    Field,
    Letter,
    Text,
    Values,
    built_in,
    declare,
    send,
)
from hemicycle.hearings.models import Hearing
from hemicycle.parties.models import Person
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


def _receipt_text() -> Text:
    return built_in(
        _("registration received, %(reference)s") % BRACES,
        _("We received your registration on %(when)s.") % BRACES,
        _("Your reference: %(reference)s") % BRACES,
        "{places}",
        _("Your personal page, which nobody else should see: %(link)s") % BRACES,
        _("The page holds your signed receipt, which proves this place."),
    )


def _receipt_values(
    registration: Registration, requests: Iterable[FloorRequest], waits: Sequence[str] = ()
) -> Values:
    return {
        "name": registration.person.name,
        "when": when(registration.arrived_at, registration.hearing),
        "reference": registration.reference,
        "places": "\n".join([*(place_words(request) for request in requests), *waits]),
        "link": links.personal_url(registration),
    }


def last_registration(hearing: Hearing, *statuses: str) -> Registration | None:
    """The registration that came last, as an example for letters."""
    rows = Registration.objects.filter(hearing=hearing, person__erased_at=None)
    found = rows.filter(status__in=statuses) if statuses else rows
    return found.select_related("hearing", "person", "organization").order_by("-arrival").first()


def _receipt_example(hearing: Hearing) -> Values | None:
    last = last_registration(hearing)
    return _receipt_values(last, last.floor_requests.select_related("segment")) if last else None


NAME = Field("name", gettext_lazy("name of the participant"))
LINK = Field("link", gettext_lazy("address of the personal page"), required=True)
RECEIPT = declare(
    Letter(
        "receipt",
        Purpose.RECEIPT,
        gettext_lazy("Receipt"),
        _receipt_text,
        (
            NAME,
            Field("when", gettext_lazy("when the registration was received")),
            Field("reference", gettext_lazy("reference of the registration")),
            Field("places", gettext_lazy("places on the lists, a line for each")),
            LINK,
        ),
        example=_receipt_example,
    )
)


def receipt(
    registration: Registration, requests: list[FloorRequest], waits: Sequence[str] = ()
) -> None:
    """Say that it was received, with the places or what it waits for, the reference, the link."""
    values = _receipt_values(registration, requests, waits)
    send(RECEIPT, hearing=registration.hearing, values=values, person=registration.person)


def _co_signer_text() -> Text:
    return Text(
        _("%(organization)s asks you to join its intervention") % BRACES,
        _(
            "%(organization)s has asked for the floor at “%(hearing)s”, in “%(panel)s”, and names "
            "%(co_signer)s as joining its intervention.\n\nAgree or decline here: %(link)s\n\n"
            "Until you agree, your organization is not mentioned anywhere."
        )
        % BRACES,
    )


def _co_signer_values(co_signer: CoSigner, panels: str) -> Values:
    registration = co_signer.registration
    return {
        "organization": registration.organization.name,
        "co_signer": co_signer.organization_name,
        "hearing": registration.hearing.title,
        "panel": panels,
        "link": links.co_signer_url(co_signer),
    }


def _co_signer_example(hearing: Hearing) -> Values | None:
    asked = CoSigner.objects.filter(registration__hearing=hearing).select_related(
        "registration__organization", "registration__hearing"
    )
    last = asked.order_by("-registration__arrival").first()
    if last is None:
        return None
    requests = last.registration.floor_requests.select_related("segment")
    return _co_signer_values(last, ", ".join(each.segment.title for each in requests))


CO_SIGNER = declare(
    Letter(
        "co-signer",
        Purpose.CO_SIGNER,
        gettext_lazy("Request to a co-signer"),
        _co_signer_text,
        (
            Field("organization", gettext_lazy("organization that asks")),
            Field("co_signer", gettext_lazy("organization that is asked")),
            Field("hearing", gettext_lazy("the hearing’s title")),
            Field("panel", gettext_lazy("panel in which the floor is asked for")),
            Field("link", gettext_lazy("address at which the co-signer answers"), required=True),
        ),
        example=_co_signer_example,
    )
)


def ask_co_signer(co_signer: CoSigner, panels: str) -> None:
    """Ask an organization whether it joins the intervention."""
    values = _co_signer_values(co_signer, panels)
    hearing = co_signer.registration.hearing
    send(CO_SIGNER, hearing=hearing, values=values, address=co_signer.email)


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


def _accepted_text() -> Text:
    return _decided_text(_("registration accepted"), _("Your registration has been accepted."))


def _refused_text() -> Text:
    return _decided_text(_("registration not accepted"), _("Your registration was not accepted."))


def _decided_text(subject: str, said: str) -> Text:
    return built_in(
        subject,
        said,
        _("Reason: %(reason)s") % BRACES,
        _("Your personal page, which nobody else should see: %(link)s") % BRACES,
    )


def _decided_values(registration: Registration, reason: str) -> Values:
    return {
        "name": registration.person.name,
        "reason": reason,
        "link": links.personal_url(registration),
    }


def _decided_example(status: str) -> Callable[[Hearing], Values | None]:
    def example(hearing: Hearing) -> Values | None:
        last = last_registration(hearing, status)
        return _decided_values(last, "") if last else None

    return example


_DECIDED = (NAME, Field("reason", gettext_lazy("the reason, where one was given")), LINK)
ACCEPTED, REFUSED = (
    declare(
        Letter(
            f"registration-{status}",
            Purpose.DECISION,
            label,
            text,
            _DECIDED,
            example=_decided_example(status),
        )
    )
    for status, label, text in (
        ("accepted", gettext_lazy("Registration accepted"), _accepted_text),
        ("refused", gettext_lazy("Registration not accepted"), _refused_text),
    )
)


def decided(registration: Registration, reason: str) -> None:
    """Say what the secretariat decided, and why."""
    accepted = registration.status == Registration.Status.ACCEPTED
    with override(registration.person.language):
        send(
            ACCEPTED if accepted else REFUSED,
            hearing=registration.hearing,
            values=_decided_values(registration, reason),
            person=registration.person,
        )


def promoted(registration: Registration, admitted: bool, panels: list[str]) -> None:
    """Tell one who waited that a place fell free and is theirs."""
    with override(registration.person.language):
        said = [_("A place has fallen free, and your registration has moved up.")] * admitted
        said += [_("You now have a place on the list for the floor in: %(panel)s") % {"panel": one}
                 for one in panels]  # fmt: skip
        subject = _("you have moved up from the waiting list")
        _send(registration, Purpose.DECISION, subject, *said, _page(registration))


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
