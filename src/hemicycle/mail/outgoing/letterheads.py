"""The letterhead and signature on a secretariat's papers, and the reference numbers of letters.

Each language may have its own letterhead; other languages use the one for all. A reference is a
hearing's pattern with a number. Letters to many have it on paper and in the e-mail. A number is
given only once, to one thing, which keeps it even if the pattern changes.
"""

import re
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from hemicycle.documents.writing import Emblem, UnreadablePicture, pictures
from hemicycle.hearing.setup.models import Hearing
from hemicycle.mail.outgoing.actions import OutgoingRefused
from hemicycle.mail.outgoing.models import Letterhead, Reference, ReferenceSeries
from hemicycle.mail.outgoing.texts import PLACE
from hemicycle.record import clock, writer
from hemicycle.ui.languages import apart, base
from hemicycle.ui.uploads import FileRule

PICTURE = FileRule(
    gettext_noop("PNG or JPEG, 250 KB at most, 3,000 pixels wide and high at most."),
    pictures.MOST_BYTES,
    ".png,.jpg,.jpeg,image/png,image/jpeg",
)
MOST_LINES, LONGEST_LINE = 6, 120
HIGHEST = 999_999
"""The highest number with which a secretariat can begin."""


@dataclass(frozen=True, slots=True)
class PaperFrame:
    """The frame around the text of a paper: picture and lines at its head, lines at its end."""

    head: tuple[str, ...] = ()
    signature: tuple[str, ...] = ()
    picture: Emblem | None = None


@dataclass(frozen=True, slots=True)
class LetterheadText:
    """The words of a letterhead as the secretariat enters them."""

    sender: str
    lines: str
    signatory: str
    function: str


def letterhead_of(hearing: Hearing, language: str) -> Letterhead | None:
    """Return the letterhead of papers in that language: its own, or the one for all."""
    rows = Letterhead.objects.filter(hearing_id=hearing.id, language__in=(base(language), ""))
    return rows.order_by("-language").first()


def own(hearing: Hearing, language: str) -> Letterhead | None:
    """Return the letterhead that was entered for that language, or for all languages ("")."""
    return Letterhead.objects.filter(hearing_id=hearing.id, language=language).first()


def frame_of(hearing: Hearing, language: str) -> PaperFrame:
    """Return the frame of the hearing's papers in that language."""
    found = letterhead_of(hearing, language)
    if found is None:
        return PaperFrame()
    head = (found.sender, *found.lines.split("\n"))
    signature = (found.signatory, found.function)
    content = picture_of(hearing, language)
    alt = found.sender or hearing.convener or str(hearing)
    return PaperFrame(
        tuple(apart(line) for line in head if line),
        tuple(apart(line) for line in signature if line),
        Emblem(content, alt) if content else None,
    )


def picture_of(hearing: Hearing, language: str) -> bytes:
    """Return the picture of papers in that language: its own, or the one for all; b"" for none."""
    rows = Letterhead.objects.filter(hearing_id=hearing.id, language__in=(base(language), ""))
    found = rows.exclude(picture=b"").order_by("-language").first()
    return bytes(found.picture) if found else b""


def put_picture(*, hearing: Hearing, language: str, picture: bytes, actor: writer.Actor) -> None:
    """Save the picture of a letterhead, or remove it (b"").

    Raises `OutgoingRefused` for a file that is not a PNG or JPEG, is damaged, or is too large.
    """
    if picture:
        try:
            pictures.check(picture)
        except UnreadablePicture as error:
            sentence = _("This file cannot be used as a picture on papers. Allowed: %(rule)s")
            raise OutgoingRefused(sentence % {"rule": PICTURE}) from error
    with writer.writing(hearing.id, actor=actor) as record:
        kept, _made = Letterhead.objects.get_or_create(hearing_id=hearing.id, language=language)
        kept.picture = picture
        _save(kept)
        record.append("letterhead.changed", {"language": language})


def _save(letterhead: Letterhead) -> None:
    """Save a letterhead, or delete one that has neither words nor a picture."""
    words = (letterhead.sender, letterhead.lines, letterhead.signatory, letterhead.function)
    if letterhead.picture or any(words):
        letterhead.save()
    else:
        letterhead.delete()


def change(*, hearing: Hearing, language: str, text: LetterheadText, actor: writer.Actor) -> None:
    """Save the words of a letterhead for a language, or for all ("")."""
    kept = LetterheadText(
        " ".join(text.sender.split()),
        "\n".join(filter(None, (" ".join(line.split()) for line in text.lines.splitlines()))),
        " ".join(text.signatory.split()),
        " ".join(text.function.split()),
    )
    with writer.writing(hearing.id, actor=actor) as record:
        row, _made = Letterhead.objects.get_or_create(hearing_id=hearing.id, language=language)
        row.sender, row.lines = kept.sender, kept.lines
        row.signatory, row.function = kept.signatory, kept.function
        _save(row)
        record.append("letterhead.changed", {"language": language})


def series(hearing_id: UUID) -> ReferenceSeries:
    """Return the hearing's series of numbers; an unsaved one without a pattern if it has none."""
    found = ReferenceSeries.objects.filter(hearing_id=hearing_id).first()
    return found or ReferenceSeries(hearing_id=hearing_id)


def faults_of_pattern(pattern: str) -> list[str]:
    """Return the errors of a pattern; an empty pattern, which gives no references, has none."""
    if not pattern:
        return []
    said = []
    if pattern.count("{number}") != 1:
        said.append(_("The pattern must have {number} once."))
    if re.search(r"[{}]", pattern.replace("{number}", "").replace("{year}", "")):
        said.append(_("The fields of a pattern are {number} and {year}."))
    return said


def number_from(
    *, hearing: Hearing, pattern: str, following: int, actor: writer.Actor
) -> ReferenceSeries:
    """Set the pattern and the number that comes next; without a pattern, letters get none.

    Raises `OutgoingRefused` for a number below the next one: it may have been used.
    """
    with writer.writing(hearing.id, actor=actor) as record:
        ReferenceSeries.objects.get_or_create(hearing_id=hearing.id)
        found = ReferenceSeries.objects.select_for_update().get(hearing_id=hearing.id)
        if following <= found.last:
            sentence = _("The number %(last)s has been reached. Choose a higher one.")
            raise OutgoingRefused(sentence % {"last": found.last})
        found.pattern, found.last = pattern, following - 1
        found.save()
        if pattern:
            record.append("references.numbered", {"pattern": pattern, "following": following})
        else:
            record.append("references.stopped", {})
    return found


def take(record: writer.Writer, hearing: Hearing, of: str, letter: str) -> str:
    """Return the reference of the thing `of`; it gets the next number if it has none yet.

    Returns "" without a pattern. `letter` is the key of the kind of letter. The caller's
    transaction holds the hearing's record; the series' row is locked too, and the database refuses
    to store a number, a reference or a thing a second time.
    """
    if known := reference_of(hearing.id, of):
        return known
    locked = ReferenceSeries.objects.select_for_update().filter(hearing_id=hearing.id)
    found = locked.exclude(pattern="").first()
    if found is None:
        return ""
    now = clock.from_ms(record.now)
    year = now.astimezone(hearing.zone).year
    while True:
        found.last += 1
        text = filled(found.pattern, str(found.last), year)
        # Another pattern may have given the same words: "A{number}" 11 and "A1{number}" 1.
        if not Reference.objects.filter(hearing_id=hearing.id, text=text).exists():
            break
    found.save(update_fields=["last"])
    Reference.objects.create(
        hearing_id=hearing.id, of=of, letter=letter, number=found.last, text=text, taken_at=now
    )
    record.append("reference.taken", {"letter": letter, "reference": text})
    return text


def taken(hearing: Hearing, of: str, letter: str, actor: writer.Actor) -> str:
    """Return the same as `take`, in a transaction of its own."""
    with writer.writing(hearing.id, actor=actor) as record:
        return take(record, hearing, of, letter)


def reference_of(hearing_id: UUID, of: str) -> str:
    """Return the reference of a thing; "" if it has none."""
    rows = Reference.objects.filter(hearing_id=hearing_id, of=of)
    return rows.values_list("text", flat=True).first() or ""


def draft(hearing: Hearing) -> str:
    """Return how the next reference will look, without its number; "" without a pattern."""
    year = clock.now().astimezone(hearing.zone).year
    return filled(series(hearing.id).pattern, "…", year)


def filled(pattern: str, number: str, year: int) -> str:
    """Return a pattern with its fields filled."""
    return PLACE.sub(lambda found: {"number": number, "year": str(year)}[found[1]], pattern)
