"""The summary as a document: composed once in each language, written as DOCX and PDF.

The original is in the language of the draft, whatever language the secretariat uses. Translations
have the same parts: translators write the sentences, and the catalogues have all other words.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from itertools import count

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from hemicycle.documents import writing as paper
from hemicycle.documents.writing import to_docx, to_pdf
from hemicycle.hearing.people.models import Role
from hemicycle.hearing.setup.models import Meeting, Segment
from hemicycle.outcome.summary.contents import (
    ShownSentence,
    SummaryContents,
    contents,
    draft_contents,
    published_version,
)
from hemicycle.outcome.summary.entry_types import MESSAGES_PUBLISHED, PUBLISHED
from hemicycle.outcome.summary.headings import heading, panel_title
from hemicycle.outcome.summary.models import Section, Summary, SummaryVersion
from hemicycle.outcome.summary.participation import SpeakerOutcome, columns
from hemicycle.outcome.summary.references import notes, zone_of
from hemicycle.procedure.clock import m_ss
from hemicycle.record import clock
from hemicycle.record.models import Entry, Head
from hemicycle.ui import times
from hemicycle.ui.languages import apart, labelled, language_name, listed, speaking

_NOT_SAID = "–"
"""The sign in the column of who should act if the source does not say."""


def compose(summary: Summary, language: str = "", *, as_draft: bool = False) -> paper.Paper:
    """Compose the document in a language, "" for the original's.

    It has the summary, its annexes and numbered sources. `as_draft` composes a translation from its
    rows, even if a version of it is public.
    """
    read = draft_contents if as_draft else contents
    language = language or summary.language
    with speaking(language):
        return _Composer(read(summary, language)).composed()


def _annex_numbers() -> list[str]:
    return [
        pgettext("number of an annex", "I"),
        pgettext("number of an annex", "II"),
        pgettext("number of an annex", "III"),
        pgettext("number of an annex", "IV"),
        pgettext("number of an annex", "V"),
        pgettext("number of an annex", "VI"),
    ]


def compose_messages(found: SummaryContents) -> paper.Paper:
    """Compose the published key messages as a document of their own, with numbered sources."""
    with speaking(found.language):
        return _MessagesComposer(found).composed()


class _Composer:
    def __init__(self, found: SummaryContents) -> None:
        self.found = found
        self.hearing = found.summary.hearing
        self.zone = zone_of(self.hearing)
        self.numbers = found.numbers()
        self.meetings = list(self.hearing.meetings.prefetch_related("segments__members"))
        self.annexes = iter(_annex_numbers())

    publishes = PUBLISHED
    """The entry of the record by which the document became public."""

    @property
    def is_published(self) -> bool:
        return self.found.summary.published_at is not None

    def composed(self) -> paper.Paper:
        body = self._body()
        annexes = [
            *self._recommendations(),
            *self._programme(),
            *self._figures(),
            *self._spoke(),
            *self._not_reached(),
            *self._sources(),
        ]
        return paper.Paper(
            title=self.hearing.title,
            subtitle=self._subtitle(),
            language=self.found.language,
            facts=tuple(self._facts()),
            blocks=(*body, *annexes),
            author=self.hearing.convener,
            date=self._date().date(),
            letter=self._letter(),
            mark=self.hearing.rehearsal_mark,
        )

    def _date(self) -> datetime:
        """Return the day on the paper: when it was published, or drafted."""
        summary, version = self.found.summary, self.found.version
        published = version.kept_at if version else summary.published_at
        return (published or summary.drafted_at).astimezone(self.zone)

    def _letter(self) -> paper.CoverLetter | None:
        own = [part for part in self.found.parts if part.section.is_letter]
        rows = [sentence for part in own for sentence in part.sentences]
        if not rows:
            return None
        convener = self.hearing.convener
        foot = [row.text for row in rows if row.is_foot]
        said = tuple(row.text for row in rows if not row.is_foot)
        date = times.words(self._date(), "date")
        return paper.CoverLetter(convener, date, said, convener, "\n".join(foot))

    def _subtitle(self) -> str:
        is_draft = not (self.found.version or self._is_published_original)
        if not self.meetings:
            return _("Draft summary") if is_draft else _("Summary")
        held = self.meetings[0].starts_at.astimezone(self.zone)
        day = {"day": times.words(held, "date")}
        if is_draft:
            return _("Draft summary of the hearing of %(day)s") % day
        return _("Summary of the hearing of %(day)s") % day

    @property
    def _is_published_original(self) -> bool:
        summary = self.found.summary
        return self.found.language == summary.language and summary.published_at is not None

    def _facts(self) -> Iterable[tuple[str, str]]:
        hearing = self.hearing
        registered, _asked, delivered, _missed, handed_in = self.found.figures().total
        taking_part = _(
            "%(registered)s registered, %(delivered)s interventions from the floor, %(written)s "
            "statements in writing"
        ) % {
            "registered": times.number(registered),
            "delivered": times.number(delivered),
            "written": times.number(handed_in),
        }
        facts = [
            (_("Translation"), self._translated()),
            (_("Convened by"), _apart(hearing.convener)),
            (
                _("Mandate"),
                listed(str(document.get("symbol", "")) for document in hearing.mandate),
            ),
            (_("Theme"), _apart(hearing.theme)),
            (_("Meetings"), "\n".join(self._meeting(meeting) for meeting in self.meetings)),
            (_("Venue"), _apart(hearing.venue)),
            (_("Participation"), taking_part),
            (_("Record"), self._record()),
        ]
        return [(label, value) for label, value in facts if value]

    def _translated(self) -> str:
        """Return which version of the original a public translation follows, in words."""
        followed = self.found.version.follows if self.found.version else None
        if followed is None:
            return ""
        told = {
            "language": language_name(self.found.summary.language),
            "when": times.when(followed.kept_at, self.hearing),
        }
        return _("Of the version in %(language)s of %(when)s") % told

    def _record(self) -> str:
        """Return how many entries the record has, up to that of the publication if published."""
        if self.is_published:
            rows = Entry.objects.filter(hearing=self.hearing.id, kind=self.publishes)
            if version := self.found.version:
                rows = rows.filter(at__lte=clock.to_ms(version.kept_at))
            end: Entry | Head | None = rows.order_by("-seq").first()
        else:
            end = Head.objects.filter(hearing=self.hearing.id).first()
        if end is None:
            return ""
        told = {"count": times.number(end.seq), "hash": end.hash[:16]}
        return _("%(count)s entries; the last one’s hash is %(hash)s…") % told

    def _meeting(self, meeting: Meeting) -> str:
        starts = meeting.starts_at.astimezone(self.zone)
        ends = meeting.ends_at.astimezone(self.zone)
        held = times.joined(times.words(starts, "date"), f"{starts:%H:%M}–{ends:%H:%M}")
        return times.zoned(held, times.zone_of(self.hearing))

    def _body(self) -> list[paper.Block]:
        explained = _(
            "Small raised numbers lead to the list of sources at the end: the statement, or the "
            "entry of the hearing’s record, that a sentence rests on. Statements have the same "
            "weight whether or not there was time to deliver them."
        )
        blocks: list[paper.Block] = [
            _explained(remark) for remark in (*self._untranslated(), explained)
        ]
        panel: object = None
        number = count(1)
        for part in self.found.parts:
            section = part.section
            if section.is_letter or section.is_recommendations:
                continue
            if section.key in {Section.PARTICIPATION, Section.MESSAGES}:
                blocks.append(paper.Heading(1, heading(section, self.found.language)))
            else:
                here = panel_title(section)
                if here != panel:
                    blocks.append(paper.Heading(1, here))
                    panel = here
                blocks.extend(self._question(section))
            blocks.extend(self._paragraph(shown, next(number)) for shown in part.sentences)
        return blocks

    def _untranslated(self) -> list[str]:
        # Only the last remark: a stored paper cannot say that the original was corrected later.
        return self.found.remarks()[-1:] if self.found.untranslated else []

    def _paragraph(self, shown: ShownSentence, number: int) -> paper.Paragraph:
        return paper.Paragraph(self._runs(shown), language=self._foreign(shown), number=number)

    def _runs(self, shown: ShownSentence) -> tuple[paper.Run, ...]:
        """Return a sentence as runs: its own words, quotations, and the numbers at its end."""
        pieces = self.found.quotations.passages(shown.text, shown.language, shown.sources)
        runs = [
            paper.Run(_apart(piece.text) if piece.language else piece.text, language=piece.language)
            for piece in pieces
        ]
        runs[-1] = replace(runs[-1], sources=self.numbers.cite(shown.sources))
        return tuple(runs)

    def _foreign(self, shown: ShownSentence) -> str:
        """Return the language of a sentence, "" if it is the document's."""
        return "" if shown.language == self.found.language else shown.language

    def _recommendations(self) -> Iterable[paper.Block]:
        asked = [part for part in self.found.parts if part.section.is_recommendations]
        if not asked:
            return
        yield paper.PageBreak()
        yield self._annex(_("Recommendations, by guiding question"))
        yield _explained(
            _(
                "The last column counts the statements that made a similar recommendation. A dash "
                "means that they did not say who should act."
            )
        )
        number = count(1)
        for part in asked:
            yield from self._question(part.section, numbered=False)
            rows = tuple(
                self._recommendation(next(number), sentence) for sentence in part.sentences
            )
            head = (
                pgettext("number in a table", "No."),
                _("Recommendation"),
                _("Addressed to"),
                _("Statements"),
            )
            yield paper.Table(head, rows, (2, 13, 5, 4))

    def _recommendation(self, number: int, shown: ShownSentence) -> tuple[paper.Cell, ...]:
        foreign = self._foreign(shown)
        addressee = _apart(shown.addressee) if foreign else shown.addressee
        told = self._runs(shown)
        if foreign:
            told = tuple(
                replace(run, text=_apart(run.text), language=run.language or foreign)
                for run in told
            )
        who = (paper.Run(addressee or _NOT_SAID, language=foreign),)
        asked = {source.get("statement") for source in shown.sources}
        return f"{number}.", told, who, times.number(len(asked))

    def _annex(self, title: str) -> paper.Heading:
        told = {"number": next(self.annexes), "title": title}
        return paper.Heading(1, _("Annex %(number)s. %(title)s") % told, numbered=False)

    def _programme(self) -> Iterable[paper.Block]:
        held = [day for day in self.meetings if day.segments.all()]
        if not held:
            return
        yield paper.PageBreak()
        yield self._annex(_("Programme"))
        for meeting in held:
            yield paper.Heading(2, self._meeting(meeting), numbered=False)
            rows = tuple(self._item(segment) for segment in meeting.segments.all())
            head = (_time(), _("Item"), _("Moderator and panellists"))
            yield paper.Table(head, rows, (5, 10, 10))

    def _item(self, segment: Segment) -> tuple[str, ...]:
        starts, ends = (at.astimezone(self.zone) for at in (segment.starts_at, segment.ends_at))
        return f"{starts:%H:%M}–{ends:%H:%M}", segment.title, "\n".join(members(segment))

    def _figures(self) -> Iterable[paper.Block]:
        yield paper.PageBreak()
        yield self._annex(_("Participation in figures"))
        yield _explained(
            _(
                "Each registration is counted once in the first column, and once for each panel in "
                "the others."
            )
        )
        found = self.found.figures()
        total = (pgettext("total of a table", "All"), *map(times.number, found.total))
        for breakdown in found.breakdowns:
            yield paper.Heading(2, breakdown.title, numbered=False)
            rows = [(_begun(label), *map(times.number, row)) for label, row in breakdown.rows]
            head = (breakdown.kind, *columns())
            yield paper.Table(head, (*rows, total), (8, 6, 5, 5, 5, 6))

    def _spoke(self) -> Iterable[paper.Block]:
        yield paper.PageBreak()
        yield self._annex(_("Those who spoke from the floor"))
        for panel in self.found.outcomes:
            yield paper.Heading(2, panel.segment.title, numbered=False)
            if panel.delivered:
                head = (_time(), _("Participant"), _("Category"), _("Language"), _("Length"))
                yield paper.Table(head, tuple(map(self._turn, panel.delivered)), (3, 7, 7, 4, 4))
            else:
                yield paper.Paragraph((paper.Run(_("No one took the floor.")),))

    def _turn(self, turn: SpeakerOutcome) -> tuple[str, ...]:
        at = turn.given_at.astimezone(self.zone) if turn.given_at else None
        seconds = round(turn.used_ms / 1000)
        return (
            f"{at:%H:%M}" if at else "",
            f"{turn.listed_name} ({turn.read_by})" if turn.read_by else turn.listed_name,
            turn.inscription.registration.category.label,
            language_name(turn.inscription.language),
            m_ss(seconds),
        )

    def _not_reached(self) -> Iterable[paper.Block]:
        missed = [panel for panel in self.found.outcomes if panel.not_reached]
        if not missed:
            return
        yield paper.PageBreak()
        yield self._annex(_("Those who were not reached for lack of time"))
        for panel in missed:
            yield paper.Heading(2, panel.segment.title, numbered=False)
            yield paper.Table(
                (_("Participant"), _("Category"), _("Language")),
                tuple(
                    (
                        turn.listed_name,
                        turn.inscription.registration.category.label,
                        language_name(turn.inscription.language),
                    )
                    for turn in panel.not_reached
                ),
                (10, 9, 6),
            )

    def _sources(self) -> Iterable[paper.Block]:
        found = {note.number: note for note in notes(self.hearing, self.numbers, short=True)}
        if not found:
            return
        yield from self._head_of_sources()
        for title, keys in self.numbers.grouped():
            yield paper.Heading(2, title, numbered=False)
            yield paper.SourceNotes(tuple(found[self.numbers.of[key]] for key in keys))

    def _head_of_sources(self) -> Iterable[paper.Block]:
        yield paper.PageBreak()
        yield self._annex(_("Sources"))

    def _question(self, section: Section, *, numbered: bool = True) -> Iterable[paper.Block]:
        question = section.guiding_question
        if question is None or not question.short:
            yield paper.Heading(2, heading(section, self.found.language), numbered)
            return
        yield paper.Heading(2, question.short, numbered)
        yield _explained(_apart(question.text))


class _MessagesComposer(_Composer):
    """Composes the key messages as a document of their own, before the summary."""

    publishes = MESSAGES_PUBLISHED
    is_published = True

    def composed(self) -> paper.Paper:
        return paper.Paper(
            title=self.hearing.title,
            subtitle=_("Key messages"),
            language=self.found.language,
            facts=tuple(self._facts()),
            blocks=(
                _explained(_("The summary of the hearing will follow.")),
                *self._body(),
                *self._sources(),
            ),
            author=self.hearing.convener,
            date=self._date().date(),
            mark=self.hearing.rehearsal_mark,
        )

    def _translated(self) -> str:
        return ""  # it is published with the original, and follows no earlier version

    def _head_of_sources(self) -> Iterable[paper.Block]:
        yield paper.Heading(1, _("Sources"), numbered=False)


def members(segment: Segment) -> list[str]:
    """Return the moderator and the panellists of a segment, each with their title."""
    rows = sorted(segment.members.all(), key=lambda member: member.role != Role.MODERATOR)
    return [labelled(member.role_label, member.public.titled) for member in rows]


def _explained(text: str) -> paper.Paragraph:
    return paper.Paragraph((paper.Run(text, emphasis=True),))


def _time() -> str:
    return pgettext("time of day", "Time")


def _apart(text: str) -> str:
    """Isolate words of the hearing, which may be in another language than the paper."""
    return apart(text) if text else ""


def _begun(words: str) -> str:
    return words[:1].upper() + words[1:]


# ── Files ─────────────────────────────────────────────────────────────────────────────────────
# A draft is typeset for each request, a published version only once.


def pdf_of(summary: Summary, language: str = "") -> bytes:
    """Return the summary in a language as PDF: the published version, or else the draft."""
    return _file(summary, language, "pdf")


def docx_of(summary: Summary, language: str = "") -> bytes:
    """Return the summary in a language as DOCX: the published version, or else the draft."""
    return _file(summary, language, "docx")


def draft_of(summary: Summary, language: str, kind: str) -> bytes:
    """Return the current text of a translation as a file of `kind` "pdf" or "docx"."""
    return _MADE[kind](compose(summary, language, as_draft=True))


_MADE: dict[str, Callable[[paper.Paper], bytes]] = {
    "pdf": lambda composed: to_pdf(composed).content,
    "docx": to_docx,
}


def _file(summary: Summary, language: str, kind: str) -> bytes:
    version = published_version(summary, language)
    if version is None:
        return _MADE[kind](compose(summary, language))
    return _kept(version, kind, lambda: compose(summary, language))


def messages_of(found: SummaryContents, kind: str) -> bytes:
    """Return the published key messages as a file of `kind` "pdf" or "docx"."""
    assert found.version is not None
    return _kept(found.version, kind, lambda: compose_messages(found))


def _kept(version: SummaryVersion, kind: str, composed: Callable[[], paper.Paper]) -> bytes:
    rows = SummaryVersion.objects.filter(pk=version.pk)
    kept = rows.values_list(kind, flat=True).get()
    if kept is not None:
        return bytes(kept)
    made = _MADE[kind](composed())
    # If another process stored one first, return that one.
    if rows.filter(**{f"{kind}__isnull": True}).update(**{kind: made}):
        return made
    first = rows.values_list(kind, flat=True).get()
    return bytes(first) if first is not None else made
