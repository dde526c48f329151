"""The letter on the day before: each speaker's position, and when they can expect the floor."""

from collections.abc import Iterable
from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hemicycle.before.registration import links
from hemicycle.before.registration.lists import addressee
from hemicycle.before.registration.models import Registration
from hemicycle.before.speakers import panel_rules, queries
from hemicycle.before.speakers.queries import ListedSpeaker
from hemicycle.hearing.people.reader import speaking_to
from hemicycle.hearing.setup.models import Hearing, Segment
from hemicycle.mail.outgoing.frame import when
from hemicycle.mail.outgoing.models import Message
from hemicycle.mail.outgoing.signals import Addressee, RecipientSource
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
from hemicycle.record import clock

BEFORE = timedelta(hours=24)


def _text() -> Text:
    return built_in(
        _("your place and expected time"),
        _("“%(panel)s” begins on %(when)s. You are number %(position)s on its list of speakers.")
        % BRACES,
        _("You can expect the floor between %(earliest)s and %(latest)s.") % BRACES,
        _("This time is a forecast. Your personal page updates it during the meeting: %(link)s")
        % BRACES,
    )


def _values(segment: Segment, line: ListedSpeaker) -> Values:
    hearing, expected = segment.meeting.hearing, line.expected
    registration = line.inscription.registration
    return {
        "name": line.inscription.speaker.name,
        "panel": segment.title,
        "when": when(segment.starts_at, hearing),
        "position": str(line.position),
        "earliest": when(expected.earliest, hearing) if expected else "",
        "latest": when(expected.latest, hearing) if expected else "",
        "link": links.personal_url(registration),
    }


def _example(hearing: Hearing) -> Values | None:
    for segment in panel_rules.panels(hearing).select_related("meeting__hearing"):
        for line in queries.listing(segment).on_list:
            return _values(segment, line)
    return None


LETTER = declare(
    Letter(
        "forecast",
        Message.Purpose.FORECAST,
        gettext_lazy("Your place and expected time, the day before"),
        _text,
        (
            Field("name", gettext_lazy("name of the speaker")),
            Field("panel", gettext_lazy("panel of the speaker"), required=True),
            Field("when", gettext_lazy("when the panel begins")),
            Field("position", gettext_lazy("current place on the list of speakers")),
            Field("earliest", gettext_lazy("earliest expected time of the floor")),
            Field("latest", gettext_lazy("latest expected time of the floor")),
            Field("link", gettext_lazy("address of the personal page"), required=True),
        ),
        example=_example,
    )
)


def tell() -> int:
    """Queue a letter to everybody on the list of a panel that begins within a day; return how many.

    Each gets one letter, and another if the panel is moved to another day, since the first is then
    wrong.
    """
    now = clock.now()
    near = Segment.objects.filter(
        kind=Segment.Kind.PANEL,
        starts_at__gt=now,
        starts_at__lte=now + BEFORE,
        meeting__hearing__status=Hearing.Status.PUBLISHED,
        meeting__hearing__postponed_at=None,
    )
    return sum(_tell(panel) for panel in near.select_related("meeting__hearing"))


def _tell(segment: Segment) -> int:
    day = segment.starts_at.astimezone(segment.meeting.hearing.zone).date()
    told = f"forecast:{segment.pk.hex}:{day.isoformat()}:"
    done = set(Message.objects.filter(once__startswith=told).values_list("once", flat=True))
    called = Registration.taking_part("registration__")
    standing = segment.inscriptions.filter(called, state="inscribed").values_list("pk", flat=True)
    if all(f"{told}{pk.hex}" in done for pk in standing):
        return 0
    owed = 0
    for line in queries.listing(segment).on_list:
        if f"{told}{line.inscription.pk.hex}" not in done:
            owed += _owe(segment, line, f"{told}{line.inscription.pk.hex}")
    return owed


def _owe(segment: Segment, line: ListedSpeaker, once: str) -> int:
    person = line.inscription.speaker
    with speaking_to(person):
        message = send(
            LETTER,
            hearing=segment.meeting.hearing,
            values=_values(segment, line),
            person=person,
            once=once,
        )
    return int(message is not None)


def sources(hearing: Hearing) -> Iterable[RecipientSource]:
    """Yield for each panel the people on its list, in the order of the list."""
    for segment in panel_rules.panels(hearing):
        name = _("On the list of speakers: %(panel)s") % {"panel": segment.title}
        yield RecipientSource(
            f"speakers:{segment.pk.hex}",
            name,
            lambda segment=segment: _speakers(segment),  # type: ignore[misc] # bound as it is
            registered=True,
        )


def _speakers(segment: Segment) -> list[Addressee]:
    return [addressee(line.inscription.registration) for line in queries.list_of_speakers(segment)]
