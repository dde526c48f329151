"""Letters to speakers who were not reached, queued in the transaction that closes their panel."""

from collections.abc import Iterable
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hemicycle.before.registration import links
from hemicycle.before.registration.letters import page_words
from hemicycle.before.registration.models import Inscription
from hemicycle.hearing.people.reader import speaking_to
from hemicycle.hearing.setup.models import Hearing
from hemicycle.mail.outgoing import frame
from hemicycle.mail.outgoing.actions import queue
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
from hemicycle.ui.words import in_language

PURPOSE = Message.Purpose.NOT_REACHED


def _not_reached_text() -> Text:
    return built_in(
        _("your panel ended before your turn"),
        _("“%(panel)s” ended before your turn.") % BRACES,
        _(
            "Your written statement takes the place of your intervention. The summary gives it "
            "the same weight as a spoken one. If you have not submitted it yet, you can do so "
            "on your personal page."
        ),
        page_words(),
    )


def _values(row: Inscription) -> Values:
    return {
        "name": row.registration.person.name,
        "panel": row.segment.title,
        "link": links.personal_url(row.registration),
    }


def last_on_lists(hearing: Hearing) -> Inscription | None:
    """Return the last inscription on the hearing's lists, as an example for letters."""
    rows = Inscription.objects.filter(hearing_id=hearing.id, speaker__erased_at=None)
    related = ("segment", "registration__hearing", "registration__person")
    return rows.select_related(*related).order_by("-arrival").first()


def _example(hearing: Hearing) -> Values | None:
    last = last_on_lists(hearing)
    return _values(last) if last else None


NOT_REACHED = declare(
    Letter(
        "not-reached",
        PURPOSE,
        gettext_lazy("Not reached for lack of time"),
        _not_reached_text,
        (
            Field("name", gettext_lazy("name of the speaker")),
            Field("panel", gettext_lazy("panel of the speaker"), required=True),
            Field("link", gettext_lazy("address of the personal page"), required=True),
        ),
        example=_example,
    )
)


def not_reached(hearing: UUID, slots: Iterable[str]) -> None:
    """Write to speakers who were not reached: their statement is still published and considered.

    Panellists have no inscription; the secretariat itself writes to those who were not reached.
    """
    for row in _inscriptions(slots):
        person = row.registration.person
        with speaking_to(person):
            send(NOT_REACHED, hearing=row.registration.hearing, values=_values(row), person=person)


def reached_after_all(hearing: UUID, slots: Iterable[str]) -> None:
    """Cancel the letters if a closing was undone; correct those that have already been sent."""
    for row in _inscriptions(slots):
        registration = row.registration
        owed = Message.objects.filter(
            hearing_id=hearing,
            purpose=PURPOSE,
            person=registration.person,
            body__contains=in_language(row.segment, "title", registration.person.language),
        )
        if (
            not owed.filter(sent_at=None).exclude(state=Message.State.SENDING).delete()[0]
            and owed.exists()
        ):
            _correct(row)


def _correct(row: Inscription) -> None:
    registration = row.registration
    with speaking_to(registration.person):
        told = _("“%(panel)s” is continuing and you can still be called. Please come back.")
        queue(
            hearing_id=registration.hearing_id,
            purpose=PURPOSE,
            subject=f"{registration.hearing}: {_('you can still be called')}",
            body=frame.greeted(told % {"panel": row.segment.title}, registration.person.name),
            person=registration.person,
        )


def _inscriptions(slots: Iterable[str]) -> list[Inscription]:
    rows = Inscription.objects.filter(pk__in=[UUID(hex=slot) for slot in slots])
    related = ("segment", "registration__hearing", "registration__person")
    return list(rows.select_related(*related).order_by("arrival"))
