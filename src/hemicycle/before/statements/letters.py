"""Letters about statements."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hemicycle.before.registration import links
from hemicycle.before.registration.models import Inscription
from hemicycle.before.statements.models import Statement
from hemicycle.hearing.people.reader import speaking_to
from hemicycle.hearing.setup.models import Hearing
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
    send,
)
from hemicycle.record import clock, writer


def _missing_text() -> Text:
    return built_in(
        _("please submit your statement"),
        _("You are on the list of speakers of “%(panel)s”.") % BRACES,
        _("We have not received your written statement. Please submit it before the meeting."),
        _("Deadline for statements: %(until)s") % BRACES,
        _("You can do so on your personal page: %(link)s") % BRACES,
    )


def _missing_values(inscription: Inscription) -> Values:
    hearing = inscription.registration.hearing
    closes = hearing.statements_close_at
    return {
        "name": inscription.speaker.name,
        "panel": inscription.segment.title,
        "until": when(closes, hearing) if closes else "",
        "link": links.personal_url(inscription.registration),
    }


def _example(hearing: Hearing) -> Values | None:
    rows = Inscription.objects.filter(hearing_id=hearing.id, speaker__erased_at=None)
    related = ("speaker", "segment", "registration__hearing")
    last = rows.select_related(*related).order_by("-arrival").first()
    return _missing_values(last) if last else None


MISSING = declare(
    Letter(
        "missing-statement",
        Message.Purpose.MISSING_STATEMENT,
        gettext_lazy("Statement missing"),
        _missing_text,
        (
            Field("name", gettext_lazy("name of the speaker")),
            Field("panel", gettext_lazy("panel of the speaker")),
            Field("until", gettext_lazy("deadline for statements, if there is one")),
            Field("link", gettext_lazy("address of the personal page"), required=True),
        ),
        example=_example,
    )
)


REMIND_AGAIN = timedelta(hours=24)
"""The time in which no speaker is reminded of the same statement twice."""
_REMINDER = "missing-statement:"


def remind(*, inscriptions: list[Inscription], actor: writer.Actor) -> int:
    """Ask speakers for the missing statement; return how many letters are queued.

    No letter is sent to speakers who were reminded within the last `REMIND_AGAIN`, and to those who
    can no longer submit one.
    """
    return sum(_remind(inscription, actor) for inscription in inscriptions)


def _remind(inscription: Inscription, actor: writer.Actor) -> bool:
    registration = inscription.registration
    with (
        writer.writing(registration.hearing_id, actor=actor) as record,
        speaking_to(inscription.speaker),
    ):
        if not registration.hearing.takes_statement(clock.from_ms(record.now)):
            return False
        sent = reminders([inscription]).get(inscription.pk, [])
        if sent and clock.from_ms(record.now) - sent[-1] < REMIND_AGAIN:
            return False
        message = send(
            MISSING,
            hearing=registration.hearing,
            values=_missing_values(inscription),
            person=inscription.speaker,
            once=f"{_REMINDER}{inscription.pk.hex}:{record.now}",
        )
    return message is not None


def reminders(inscriptions: Iterable[Inscription]) -> dict[UUID, list[datetime]]:
    """Return when each speaker was reminded of a missing statement, the oldest first: one query."""
    asked = {inscription.pk for inscription in inscriptions}
    hearings = {inscription.hearing_id for inscription in inscriptions}
    rows = Message.objects.filter(
        hearing_id__in=hearings,
        purpose=Message.Purpose.MISSING_STATEMENT,
        once__startswith=_REMINDER,
    ).exclude(state=Message.State.CANCELLED)
    found: dict[UUID, list[datetime]] = {}
    for once, at in rows.order_by("queued_at").values_list("once", "queued_at"):
        place = UUID(hex=str(once).split(":")[1])
        if place in asked:
            found.setdefault(place, []).append(at)
    return found


def _published_text() -> Text:
    return built_in(
        _("your statement has been published"),
        _(
            "As you agreed, your statement has been published. Anyone can read it here: "
            "%(statement)s"
        )
        % BRACES,
        _("You can withdraw your consent at any time on your personal page: %(link)s") % BRACES,
    )


def _published_values(statement: Statement) -> Values:
    registration = statement.registration
    path = reverse("statements:published", args=(registration.hearing.slug, statement.pk))
    return {
        "name": registration.person.name,
        "statement": links.absolute(path),
        "link": links.personal_url(registration),
    }


def _published_example(hearing: Hearing) -> Values | None:
    rows = Statement.objects.filter(hearing_id=hearing.id, consents_to_publish=True)
    last = rows.select_related("registration__hearing", "registration__person").last()
    return _published_values(last) if last else None


PUBLISHED = declare(
    Letter(
        "publication",
        Message.Purpose.PUBLICATION,
        gettext_lazy("Statement published"),
        _published_text,
        (
            Field("name", gettext_lazy("name of the participant")),
            Field("statement", gettext_lazy("address of the published statement"), required=True),
            Field("link", gettext_lazy("address of the personal page"), required=True),
        ),
        example=_published_example,
    )
)


def published(statement: Statement) -> None:
    """Notify the author, once, that anyone can read the statement, and how to withdraw consent."""
    person = statement.registration.person
    if not statement.is_public or not person.email:
        return
    with speaking_to(person):
        send(
            PUBLISHED,
            hearing=statement.registration.hearing,
            values=_published_values(statement),
            person=person,
            once=f"published:{statement.pk.hex}",
        )
