"""The papers of an invitation: the letter, and the concept note with the programme.

They are composed from the hearing's data. Labels are in the paper's language; the convener's texts
stay in the language in which they were written.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from hemicycle.documents.writing import (
    Block,
    BulletList,
    Heading,
    NumberedList,
    Paper,
    Paragraph,
    Run,
    Table,
    to_docx,
    to_pdf,
)
from hemicycle.hearing.people.models import Role
from hemicycle.hearing.setup import calendar
from hemicycle.hearing.setup.models import Hearing, Segment
from hemicycle.mail.outgoing import frame, letterheads, letters, texts
from hemicycle.mail.outgoing.delivery.mail import mailbox_for
from hemicycle.mail.outgoing.signals import Addressee
from hemicycle.mail.outgoing.texts import Letter
from hemicycle.record import clock
from hemicycle.ui.languages import apart, labelled, listed, speaking, spoken
from hemicycle.ui.times import day, when
from hemicycle.ui.words import Words

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PDF = "application/pdf"
NOTE = "concept-note"


@dataclass(frozen=True, slots=True)
class File:
    """A paper that can go with a letter; `method` is the iTIP method of a calendar."""

    name: str
    media_type: str
    content: bytes
    method: str = ""


@dataclass(frozen=True, slots=True)
class PaperOrder:
    """The input for a paper; `reference` is that of the letter, or ""."""

    hearing: Hearing
    language: str
    audience: str = ""
    reference: str = ""


@dataclass(frozen=True, slots=True)
class PaperKind:
    """A kind of paper that can be made from a hearing, in a language.

    `letter` is the kind of letter whose text the paper contains: the paper is worded for an
    audience as that letter is, and has a reference.
    """

    key: str
    label: str
    maker: Callable[[PaperOrder], File | None]
    letter: Letter | None = None

    def make(
        self, hearing: Hearing, language: str, audience: str = "", reference: str = ""
    ) -> File | None:
        """Return the file; None if the hearing lacks the data."""
        return self.maker(PaperOrder(hearing, language, audience, reference))

    def audience(self, hearing: Hearing, language: str, audience: str) -> str:
        """Return `audience` if this paper is worded for it, otherwise ""."""
        if self.letter is None:
            return ""
        return texts.text_of(self.letter, hearing.id, language, audience).audience


def kinds(hearing: Hearing) -> Iterable[PaperKind]:
    """Return the papers that may go with a letter."""
    worded = letters.INVITATION
    yield PaperKind("letter-pdf", _("Letter, PDF"), _pdf("letter", _ordered_letter), worded)
    yield PaperKind("letter-docx", _("Letter, DOCX"), _docx("letter", _ordered_letter), worded)
    yield PaperKind("note-pdf", _("Concept note and programme, PDF"), _pdf(NOTE, _ordered_note))
    yield PaperKind("note-docx", _("Concept note and programme, DOCX"), _docx(NOTE, _ordered_note))
    yield PaperKind("calendar", _("Calendar file"), _calendar)


def _ordered_letter(order: PaperOrder) -> Paper:
    return letter(order.hearing, order.language, order.audience, order.reference)


def _ordered_note(order: PaperOrder) -> Paper:
    return note(order.hearing, order.language)


def _pdf(name: str, compose: Callable[[PaperOrder], Paper]) -> Callable[[PaperOrder], File]:
    def make(order: PaperOrder) -> File:
        return File(f"{name}-{order.language}.pdf", PDF, to_pdf(compose(order)).content)

    return make


def _docx(name: str, compose: Callable[[PaperOrder], Paper]) -> Callable[[PaperOrder], File]:
    def make(order: PaperOrder) -> File:
        return File(f"{name}-{order.language}.docx", DOCX, to_docx(compose(order)))

    return make


def _calendar(order: PaperOrder) -> File:
    hearing = order.hearing
    with speaking(order.language):
        written = calendar.render(
            hearing, url=frame.page(hearing), host=_host(), organizer=settings.MAIL_FROM
        )
    return File(f"{hearing.slug}.ics", "text/calendar", written.encode(), method="PUBLISH")


def _host() -> str:
    return settings.BASE_URL.partition("://")[2].partition(":")[0].strip("/")


def letter(hearing: Hearing, language: str, audience: str = "", reference: str = "") -> Paper:
    """Compose the letter that convenes the hearing, from the invitation's text for an audience.

    Without a letterhead, its title is the convener.
    """
    text = texts.text_of(letters.INVITATION, hearing.id, language, audience)
    with speaking(text.language):
        to_all = Addressee(address="", name=_("Excellency"))
        values = {**letters.general(hearing), **letters.named(hearing, to_all)}
        own = {"hearing": str(hearing), "greeting": _("Excellency,")}
        filled = texts.fill(text, {**own, **values})
        box = mailbox_for(letters.INVITATION.purpose, hearing)
        body = frame.framed(filled.body, hearing, box)
        around = letterheads.frame_of(hearing, text.language)
        facts = [(_("Date"), day(clock.now(), hearing))]
        if reference:
            facts.insert(0, (_("Reference"), apart(reference)))
        return Paper(
            title=hearing.title if around.head else hearing.convener or str(hearing),
            subtitle="" if around.head else hearing.title,
            language=text.language,
            facts=tuple(facts),
            blocks=tuple(Paragraph((Run(part),)) for part in body.split("\n\n") if part.strip()),
            author=hearing.convener,
            date=clock.now().date(),
            mark=hearing.rehearsal_mark,
            picture=around.picture,
            letterhead=around.head,
            signature=around.signature,
        )


def note(hearing: Hearing, language: str) -> Paper:
    """Compose the concept note, with the programme at its end."""
    with speaking(language):
        return Paper(
            title=_("Concept note"),
            subtitle=hearing.title,
            language=spoken(language),
            facts=tuple(_facts(hearing)),
            blocks=tuple(_blocks(hearing)),
            author=hearing.convener,
            date=clock.now().date(),
            mark=hearing.rehearsal_mark,
        )


def _facts(hearing: Hearing) -> Iterator[tuple[str, str]]:
    mandate = listed(document.get("symbol", "") for document in hearing.mandate)
    pairs = (
        (_("Convener"), hearing.convener and apart(hearing.convener)),
        (_("Mandate"), mandate),
        (_("Meetings"), frame.meetings(hearing)),
        (_("Venue"), hearing.venue and apart(hearing.venue)),
        (_("Webcast"), hearing.webcast and apart(hearing.webcast)),
        (_("Hashtag"), hearing.hashtag and apart(hearing.hashtag)),
    )
    yield from ((label, value) for label, value in pairs if value)


def _blocks(hearing: Hearing) -> Iterator[Block]:
    yield from _told(_("Theme"), hearing.theme)
    yield from _told(_("Objective"), hearing.objective)
    yield from _told(_("Format"), hearing.format)
    yield from _taking_part(hearing)
    questions = hearing.guiding_questions.all()
    if questions:
        yield Heading(1, _("Guiding questions"))
        yield NumberedList(tuple((Run(apart(question.text)),) for question in questions))
    yield from _told(_("Outcome"), hearing.outcome)
    yield from _programme(hearing)


def _told(heading: str, words: str) -> Iterator[Block]:
    if words.strip():
        yield Heading(1, heading)
        language = words.language if isinstance(words, Words) and words.is_foreign else ""
        for part in words.replace("\r\n", "\n").split("\n\n"):
            line = " ".join(part.split())
            yield Paragraph((Run(line if language else apart(line)),), language)


def _taking_part(hearing: Hearing) -> Iterator[Block]:
    yield Heading(1, _("Registration and interventions"))
    minutes = f"{hearing.floor_time_limit_s / 60:g}"
    yield Paragraph(
        (
            Run(
                _("Time limit of an intervention from the floor, in minutes: %(minutes)s.")
                % {"minutes": minutes}
            ),
        )
    )
    lines = [line for line in letters.deadlines(hearing).split("\n") if line]
    if lines:
        yield Paragraph((Run(_("Registration is open until:")),))
        yield BulletList(tuple((Run(line),) for line in lines))
    yield Paragraph((Run(_("Register here: %(link)s") % {"link": frame.page(hearing)}),))
    named = hearing.mailboxes.items()
    boxes = [labelled(_mailbox(purpose), address) for purpose, address in named]
    if boxes:
        yield BulletList(tuple((Run(box),) for box in boxes))


def _mailbox(purpose: str) -> str:
    """Return the label of a mailbox; for an unusual purpose, the hearing's own word."""
    usual = {
        "information": _("Information"),
        "speakers": _("List of speakers"),
        "statements": _("Statements"),
        "publication": _("Publication"),
        "questions": _("Questions"),
    }
    return usual.get(purpose, purpose)


def _programme(hearing: Hearing) -> Iterator[Block]:
    yield Heading(1, _("Programme"))
    for meeting in hearing.meetings.prefetch_related("segments__members"):
        title = apart(meeting.title or str(hearing))
        # Translators: a meeting's title and when it begins: "Morning meeting, 5 July 2021".
        said = _("%(source)s, %(more)s") % {
            "source": title,
            "more": when(meeting.starts_at, hearing),
        }
        yield Heading(2, said)
        rows = tuple(_row(hearing, segment) for segment in meeting.segments.all())
        if rows:
            yield Table((pgettext("time of day", "Time"), _("Item")), rows, shares=(1, 4))


def _row(hearing: Hearing, segment: Segment) -> tuple[str, str]:
    starts, ends = (at.astimezone(hearing.zone) for at in (segment.starts_at, segment.ends_at))
    people = [
        labelled(member.role_label, member.public.titled)
        for member in sorted(
            segment.members.all(), key=lambda member: member.role != Role.MODERATOR
        )
    ]
    said = "\n".join([apart(segment.title), *people])
    return f"{starts:%H:%M}–{ends:%H:%M}", said
