"""The letters about readers: the request to them, and its outcome."""

from collections.abc import Callable

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hemicycle.before.readers import places, queries
from hemicycle.before.readers.models import ProxyReader
from hemicycle.before.readers.places import ReadingPlace
from hemicycle.hearing.people.reader import speaking_to
from hemicycle.hearing.setup.models import Hearing
from hemicycle.mail.outgoing import frame
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

SPEAKER = Field("speaker", gettext_lazy("public name of the speaker who is read for"))
PANEL = Field("panel", gettext_lazy("panel in which the reader reads"))


def _asked_text() -> Text:
    return built_in(
        _("a request to read a statement"),
        _(
            "You have been asked to take the seat of “%(speaker)s” in “%(panel)s” and to read "
            "their statement."
        )
        % BRACES,
        _("The panel begins on %(when)s.") % BRACES,
        _("See the details, and agree or decline here: %(link)s") % BRACES,
        _("This link is private: anyone who opens it can take the seat."),
        _("Your name is not public unless you agree to it on that page."),
    )


def _confirmed_text() -> Text:
    return built_in(
        _("your reader has agreed"),
        _("The reader has agreed to read for “%(speaker)s” in “%(panel)s”.") % BRACES,
        _(
            "The reader now has the microphone of the seat. You can follow the meeting with "
            "your own link, and take the seat back until the floor is given."
        ),
    )


def _declined_text() -> Text:
    return built_in(
        _("your reader has declined"),
        _("The reader has declined to read for “%(speaker)s” in “%(panel)s”.") % BRACES,
        _("The seat is yours again. You can name another reader."),
    )


def _ended_text() -> Text:
    return built_in(
        _("you no longer need to read"),
        _("The seat of “%(speaker)s” in “%(panel)s” has been taken back.") % BRACES,
        _("Your link no longer works. Thank you for your help."),
    )


def _values(place: ReadingPlace) -> Values:
    return {"speaker": place.public.name, "panel": place.segment.title}


def _asked_values(reader: ProxyReader, place: ReadingPlace) -> Values:
    begins = frame.when(place.segment.starts_at, place.hearing)
    own = {"greeting": frame.greeting("")}  # the speaker typed the name: nobody has checked it
    return {**_values(place), **own, "when": begins, "link": queries.url_of(reader)}


def _example(hearing: Hearing) -> Values | None:
    rows = ProxyReader.objects.filter(hearing=hearing).select_related("hearing", "person")
    last = rows.order_by("-named_at").first()
    place = places.of_reader(last) if last else None
    return _asked_values(last, place) if last and place else None


def _letter(
    key: str, purpose: Message.Purpose, label: str | Promise, text: Callable[[], Text], *own: Field
) -> Letter:
    return declare(Letter(key, purpose, label, text, (SPEAKER, PANEL, *own), example=_example))


ASKED = _letter(
    "reader",
    Purpose.FLOOR_LINK,
    gettext_lazy("Request to a reader"),
    _asked_text,
    Field("when", gettext_lazy("when the panel begins")),
    Field("link", gettext_lazy("address at which the reader answers"), required=True),
)
CONFIRMED = _letter(
    "reader-agrees", Purpose.DECISION, gettext_lazy("A reader has agreed"), _confirmed_text
)
DECLINED = _letter(
    "reader-declines", Purpose.DECISION, gettext_lazy("A reader has declined"), _declined_text
)
ENDED = _letter(
    "reader-ended",
    Purpose.WITHDRAWAL,
    gettext_lazy("To a reader: the seat was taken back"),
    _ended_text,
)


def asked(reader: ProxyReader, place: ReadingPlace) -> None:
    """Ask a person to read. The letter gives only the public name."""
    with speaking_to(reader.person):
        values = _asked_values(reader, place)
    send(ASKED, hearing=place.hearing, values=values, person=reader.person)


def ended(reader: ProxyReader, place: ReadingPlace) -> None:
    """Tell a reader that the seat was taken back."""
    send(ENDED, hearing=place.hearing, values=_values(place), person=reader.person)


def confirmed(place: ReadingPlace) -> None:
    """Tell the speaker that the reader has agreed."""
    _to_speaker(CONFIRMED, place)


def declined(place: ReadingPlace) -> None:
    """Tell the speaker that the reader has declined."""
    _to_speaker(DECLINED, place)


def _to_speaker(letter: Letter, place: ReadingPlace) -> None:
    if place.person is not None and place.person.email:
        send(letter, hearing=place.hearing, values=_values(place), person=place.person)
