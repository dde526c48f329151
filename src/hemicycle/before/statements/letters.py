"""The letters that statements cause."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hemicycle.before.registration import links
from hemicycle.before.registration.models import Inscription
from hemicycle.before.statements.models import Statement
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
from hemicycle.record import writer
from hemicycle.ui.languages import speaking


def _missing_text() -> Text:
    return built_in(
        _("please submit your statement"),
        _("You are on the list of speakers of “%(panel)s”.") % BRACES,
        _("We have not received your written statement. Please submit it before the meeting."),
        _("You can do so on your personal page: %(link)s") % BRACES,
    )


def _missing_values(inscription: Inscription) -> Values:
    return {
        "name": inscription.speaker.name,
        "panel": inscription.segment.title,
        "link": links.personal_url(inscription.registration),
    }


def _example(hearing: Hearing) -> Values | None:
    rows = Inscription.objects.filter(hearing_id=hearing.id, speaker__erased_at=None)
    last = rows.select_related("speaker", "segment", "registration").order_by("-arrival").first()
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
            Field("link", gettext_lazy("address of the personal page"), required=True),
        ),
        example=_example,
    )
)


def remind(*, inscriptions: list[Inscription], actor: writer.Actor) -> int:
    """Ask speakers for the statement that is missing; returns how many letters are queued."""
    return sum(_remind(inscription, actor) for inscription in inscriptions)


def _remind(inscription: Inscription, actor: writer.Actor) -> bool:
    registration = inscription.registration
    with (
        writer.writing(registration.hearing_id, actor=actor),
        speaking(inscription.speaker.language),
    ):
        message = send(
            MISSING,
            hearing=registration.hearing,
            values=_missing_values(inscription),
            person=inscription.speaker,
        )
    return message is not None


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
    """Say, once, that a statement can be read by anybody now, and how to take that back."""
    person = statement.registration.person
    if not statement.is_public or not person.email:
        return
    with speaking(person.language):
        send(
            PUBLISHED,
            hearing=statement.registration.hearing,
            values=_published_values(statement),
            person=person,
            once=f"published:{statement.pk.hex}",
        )
