"""Letters about registrations, in the recipient's language.

Each is queued in the transaction of its action. The link in a letter is the only way to the page.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hemicycle.before.registration import decision_letters, links, lists
from hemicycle.before.registration.models import Inscription, Registration
from hemicycle.hearing.people.reader import speaking_to
from hemicycle.hearing.setup.models import Hearing
from hemicycle.mail.outgoing import frame
from hemicycle.mail.outgoing.delivery.mail import mailbox_for
from hemicycle.mail.outgoing.frame import when
from hemicycle.mail.outgoing.models import Message
from hemicycle.mail.outgoing.texts import (
    BRACES,
    Field,
    Letter,
    Text,
    Values,
    built_in,
    declare,
    fill,
    send,
    text_of,
)
from hemicycle.record.log import checkpoints
from hemicycle.ui.languages import speaking

Purpose = Message.Purpose


def page_words() -> str:
    """Return the line that leads to the personal page, with a placeholder for its address."""
    return _("Your personal page (private link, do not share it): %(link)s") % BRACES


def key_words() -> str:
    """Return the line with the key's fingerprint, with which the reader can check signatures."""
    return (
        _("Receipts, the record and its archive are signed with this key: %(fingerprint)s") % BRACES
    )


def place_words(inscription: Inscription) -> str:
    """Return a line about a place: its number of arrival, and the panel."""
    values = {"place": inscription.place, "panel": inscription.segment.title}
    return _("Place %(place)s by order of arrival: %(panel)s") % values


def waiting_words(position: int, panel: str = "") -> str:
    """Return one line about the position on a waiting list."""
    values = {"position": position, "panel": panel}
    if panel:
        return (
            _(
                "The list of speakers is full. You are number %(position)s on the waiting list: "
                "%(panel)s"
            )
            % values
        )
    return (
        _("All places are taken. Your registration is number %(position)s on the waiting list.")
        % values
    )


def _receipt_text() -> Text:
    return built_in(
        _("registration received, %(reference)s") % BRACES,
        _("We received your registration on %(when)s.") % BRACES,
        _("Your reference: %(reference)s") % BRACES,
        "{places}",
        _(
            "Your personal page shows the state of your registration. We will write to you when it "
            "changes."
        ),
        page_words(),
        _(
            "The page also has your signed receipt, which proves your place in the order of "
            "arrival."
        ),
        key_words(),
    )


def _receipt_values(
    registration: Registration, inscriptions: Iterable[Inscription], waits: Sequence[str] = ()
) -> Values:
    return {
        "name": registration.person.name,
        "when": when(registration.arrived_at, registration.hearing),
        "reference": registration.reference,
        "places": "\n".join([*(place_words(inscription) for inscription in inscriptions), *waits]),
        "link": links.personal_url(registration),
        "fingerprint": checkpoints.known_fingerprint(),
    }


def last_registration(hearing: Hearing, *statuses: str) -> Registration | None:
    """Return the registration that arrived last, as an example for letters."""
    rows = Registration.objects.filter(hearing=hearing, person__erased_at=None)
    found = rows.filter(status__in=statuses) if statuses else rows
    return found.select_related("hearing", "person", "organization").order_by("-arrival").first()


def _receipt_example(hearing: Hearing) -> Values | None:
    last = last_registration(hearing)
    return _receipt_values(last, last.inscriptions.select_related("segment")) if last else None


NAME = Field("name", gettext_lazy("name of the participant"))
LINK = Field("link", gettext_lazy("address of the personal page"), required=True)
FINGERPRINT = Field("fingerprint", gettext_lazy("fingerprint of the key that signs receipts"))
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
            Field("places", gettext_lazy("places on the lists of speakers, a line for each")),
            LINK,
            FINGERPRINT,
        ),
        example=_receipt_example,
    )
)


def _text_of(letter: Letter, registration: Registration) -> Text:
    """Return the hearing's text of a letter for the person's audience, in the person's language."""
    audience = lists.audience_of(registration)
    return text_of(letter, registration.hearing_id, registration.person.language, audience)


def receipt_text(registration: Registration) -> Text:
    """Return the hearing's text of the receipt, in the language of the person."""
    return _text_of(RECEIPT, registration)


def receipt(
    registration: Registration,
    inscriptions: list[Inscription],
    waits: Sequence[str],
    text: Text,
    *,
    once: str = "",
    held: bool = False,
) -> None:
    """Queue the receipt, with the places or positions on waiting lists, reference and link."""
    send(
        RECEIPT,
        hearing=registration.hearing,
        values=lambda: _receipt_values(registration, inscriptions, waits),
        person=registration.person,
        text=text,
        once=once,
        held=held,
    )


# ── The one letter that goes to an address before it has answered ─────────────────────────────
def _confirmation_text() -> Text:
    return built_in(
        _("confirm your registration"),
        _("Someone, probably you, used this address to register for this hearing.") % BRACES,
        _("To keep your place, open this page and press “Confirm”: %(link)s") % BRACES,
        _("Your place is reserved until %(until)s. Your reference: %(reference)s") % BRACES,
        _("Once you confirm, we will send you a receipt and the link to your personal page."),
        _(
            "If this was not you, ignore this message. The place will expire, and we will not "
            "write to you again."
        ),
        key_words(),
    )


def confirmation_values(registration: Registration) -> Values:
    """Return the values of the letter, which contain nothing that anybody typed."""
    until = registration.confirm_by or registration.arrived_at
    return {
        "greeting": frame.greeting(""),
        "reference": registration.reference,
        "until": when(until, registration.hearing),
        "link": links.confirmation_url(registration),
        "fingerprint": checkpoints.known_fingerprint(),
    }


def _confirmation_example(hearing: Hearing) -> Values | None:
    last = last_registration(hearing)
    return confirmation_values(last) if last else None


CONFIRMATION = declare(
    Letter(
        "confirmation",
        Purpose.CONFIRMATION,
        gettext_lazy("Confirmation of the address"),
        _confirmation_text,
        (
            Field("reference", gettext_lazy("reference of the registration")),
            Field("until", gettext_lazy("until when the place is reserved")),
            Field("link", gettext_lazy("address of the page that confirms"), required=True),
            FINGERPRINT,
        ),
        example=_confirmation_example,
    )
)


def confirmation_text(registration: Registration) -> Text:
    """Return the hearing's text of the letter, in the language of the form."""
    return _text_of(CONFIRMATION, registration)


def confirm_address(registration: Registration, text: Text | None = None) -> None:
    """Ask the owner of the mailbox to confirm the registration."""
    send(
        CONFIRMATION,
        hearing=registration.hearing,
        values=lambda: confirmation_values(registration),
        person=registration.person,
        text=text,
    )


def _accepted_text() -> Text:
    return _decided_text(
        _("registration accepted"),
        _("Your registration has been accepted."),
        _("Your personal page shows what you can do before, during and after the hearing."),
    )


def _refused_text() -> Text:
    return _decided_text(
        _("registration not accepted"), _("Your registration has not been accepted.")
    )


def _decided_text(subject: str, said: str, *more: str) -> Text:
    return built_in(
        subject,
        said,
        _("Reason: %(reason)s") % BRACES,
        *more,
        page_words(),
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


def decided_text(registration: Registration, outcome: str, reason: str) -> Text:
    """Return the letter that a decision would send, in the recipient's language."""
    letter = ACCEPTED if outcome == Registration.Status.ACCEPTED else REFUSED
    return _as_sent(letter, registration, lambda: _decided_values(registration, reason))


def receipt_sent(
    registration: Registration, inscriptions: list[Inscription], waits: Sequence[str]
) -> Text:
    """Return the receipt that would be sent, in the recipient's language."""
    return _as_sent(
        RECEIPT, registration, lambda: _receipt_values(registration, inscriptions, waits)
    )


def _as_sent(letter: Letter, registration: Registration, read: Callable[[], Values]) -> Text:
    """Return a complete letter; `read` is called in the letter's language to get its values."""
    hearing, person = registration.hearing, registration.person
    text = _text_of(letter, registration)
    with speaking(text.language or person.language):
        greeting = frame.greeting(person.name)
        words = fill(text, {"hearing": str(hearing), "greeting": greeting, **read()})
        answers = mailbox_for(letter.purpose, hearing)
        return replace(words, body=frame.framed(words.body, hearing, answers))


def decided(registration: Registration, reason: str, at: datetime | None = None) -> None:
    """Send the secretariat's decision and its reason, but only to a confirmed address.

    The letter is held, until the time `at` if it is given. A held letter on an earlier decision is
    stopped; if it was scheduled, the new one takes its time unless `at` is given.
    """
    scheduled = decision_letters.supersede(registration)
    if not registration.is_confirmed:
        return
    accepted = registration.status == Registration.Status.ACCEPTED
    with speaking_to(registration.person):
        send(
            ACCEPTED if accepted else REFUSED,
            hearing=registration.hearing,
            values=_decided_values(registration, reason),
            person=registration.person,
            once=decision_letters.key(registration, registration.status),
            held=True,
            at=at or scheduled,
        )
