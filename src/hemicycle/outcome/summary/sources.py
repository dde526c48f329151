"""The sources of a summary: statements, and entries of the record.

A statement can be cited once it is no longer confidential: delivered, not reached for lack of time,
or sent in writing. All three have the same weight. The newest version with readable text is used.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _

from hemicycle.before.registration import public_words
from hemicycle.before.registration.models import Registration
from hemicycle.before.speakers.panel_rules import panels
from hemicycle.before.statements import entry_types as statement_entries
from hemicycle.before.statements.models import Statement, StatementVersion
from hemicycle.hearing.people.models import Person
from hemicycle.hearing.setup.models import Hearing
from hemicycle.outcome.summary import drafting
from hemicycle.outcome.summary.drafting import reported_speech
from hemicycle.outcome.summary.drafting.key_points import single_point
from hemicycle.outcome.summary.drafting.sentences import SourceSentence, citable_sentences, split
from hemicycle.outcome.summary.public_names import describe_entries, public_name, unnamed
from hemicycle.procedure import Floor
from hemicycle.procedure import Intervention as Held
from hemicycle.procedure.events import FloorEnded
from hemicycle.record import clock
from hemicycle.record.floor import floor_of
from hemicycle.record.models import Entry
from hemicycle.ui.languages import language_name

Release = Statement.Release
IN_WRITING = ""
"""The value that stands for the panel of contributions in writing, which belong to none."""

_NOT_MADE = frozenset({"absent", "skipped", "withdrawn"})


@dataclass(frozen=True, slots=True)
class StatementText:
    """A statement with its newest readable text; "" if it has none.

    `written_in` is the detected language of the text, "" if it is uncertain.
    """

    statement: Statement
    text: str
    version: UUID | None
    written_in: str = ""

    @property
    def id(self) -> str:
        """The statement's id as sources write it."""
        return self.statement.id.hex

    @property
    def panel(self) -> str:
        """The id of the panel for which it was submitted; "" for none."""
        inscription = self.statement.inscription
        return inscription.segment_id.hex if inscription else IN_WRITING

    @property
    def text_under_alias(self) -> str:
        """The text with the alias in place of the names."""
        return public_words.public_text(self.statement.registration, self.text)

    @property
    def title_in_public(self) -> str:
        """Its title with the alias in place of names; "" unless anyone may read the statement."""
        if not self.statement.is_public:
            return ""
        return public_words.public_text(self.statement.registration, self.statement.title)

    @property
    def is_citable(self) -> bool:
        """Whether it is no longer confidential."""
        return self.statement.release != Release.EMBARGOED

    @property
    def language(self) -> str:
        """The language of its text, or else the planned language of delivery."""
        if self.written_in:
            return self.written_in
        inscription = self.statement.inscription
        return inscription.language if inscription else self.statement.registration.language

    @property
    def language_name(self) -> str:
        """The name of that language in the reader's language."""
        return language_name(self.language)


def statements(hearing: Hearing) -> list[StatementText]:
    """Return the statements of all current participants, in order of arrival: three queries."""
    return [_with_text(row) for row in _rows(hearing)]


def _rows(hearing: Hearing) -> QuerySet[Statement]:
    read = (
        StatementVersion.objects.filter(state=StatementVersion.State.READ)
        .exclude(text="")
        .order_by("-number")
    )
    rows = Statement.objects.filter(
        Registration.taking_part("registration__"), hearing_id=hearing.id
    ).select_related(
        "registration__organization",
        "registration__category",
        "registration__person",
        "inscription__segment",
    )
    readable = Prefetch("versions", queryset=read, to_attr="readable")
    return rows.prefetch_related(readable, "registration__co_signers").order_by(
        "registration__arrival", "id"
    )


def _with_text(row: Statement) -> StatementText:
    newest: StatementVersion | None = next(iter(getattr(row, "readable", ())), None)
    if newest is None:
        return StatementText(row, "", None)
    return StatementText(row, newest.text, newest.id, newest.language)


def fingerprint(hearing: Hearing) -> list[tuple[UUID, str, bool, UUID | None]]:
    """Return the state of all statements, to detect a change while a draft is made."""
    return [
        (row.id, row.release, row.consents_to_publish, _with_text(row).version)
        for row in _rows(hearing)
    ]


def name_of(statement: Statement) -> str:
    """Return the name under which the summary cites a statement."""
    if statement.naming == Statement.Naming.WITHHELD:
        return unnamed(statement.registration)
    in_public = statement.release == Release.DELIVERED or statement.consents_to_publish
    return public_name(statement.registration, in_public=in_public)


def floors(hearing: Hearing) -> dict[UUID, Floor]:
    """Return the floor of each meeting from the record."""
    return {id: floor_of(id) for id in hearing.meetings.values_list("id", flat=True)}


def draft_material(hearing: Hearing) -> drafting.SourceMaterial:
    """Return all material for a draft, with names and titles in the active language."""
    usable = [source for source in statements(hearing) if source.is_citable]
    found = [drafting.SourcePanel(segment.id.hex, segment.title) for segment in panels(hearing)]
    if any(source.panel == IN_WRITING for source in usable):
        found.append(drafting.SourcePanel(IN_WRITING, _("Contributions in writing")))
    held = floors(hearing).values()
    return drafting.SourceMaterial(
        panels=tuple(found),
        questions=tuple(
            drafting.SourceQuestion(question.number, question.text, question.short)
            for question in hearing.guiding_questions.all()
        ),
        statements=tuple(source_statement(source) for source in usable),
        interventions=tuple(interventions(hearing, held)),
        discussions=tuple(discussions(held)),
    )


def source_statement(source: StatementText) -> drafting.SourceStatement:
    """Convert a statement for the drafting package."""
    return drafting.SourceStatement(
        id=source.id,
        text=source.text_under_alias,
        panel=source.panel,
        speaker=name_of(source.statement),
        category=source.statement.registration.category.label,
        language=source.language.split("-")[0],
        delivered=source.statement.release == Release.DELIVERED,
        not_reached=source.statement.release == Release.NOT_REACHED,
        unnamed=name_of(source.statement) == unnamed(source.statement.registration),
        participant=source.statement.registration_id.hex,
    )


def interventions(hearing: Hearing, held: Iterable[Floor]) -> list[drafting.SourceIntervention]:
    """Return the interventions from the floor, each with the entry that ended it."""
    history = [
        intervention for floor in held for intervention in floor.history if _made(intervention)
    ]
    ends = _ends(hearing)
    tracks = _tracks(history, held)
    return [
        drafting.SourceIntervention(
            seq=_ended(intervention, ends),
            panel=intervention.segment,
            track=track.label,
            used_ms=intervention.used_ms,
        )
        for intervention in history
        if (track := hearing.track(tracks.get(intervention.slot, "")))
    ]


def discussions(held: Iterable[Floor]) -> list[drafting.SourceDiscussion]:
    """Return the discussions in which someone was heard, each with the entry that opened it."""
    talks = [
        (talk, sum(floor.voiced_ms.get(talk.opening, {}).values()))
        for floor in held
        for talk in floor.discussions
    ]
    return [
        drafting.SourceDiscussion(seq=talk.opening, panel=talk.segment, spoke_ms=spoke_ms)
        for talk, spoke_ms in talks
        if spoke_ms
    ]


def _made(intervention: Held) -> bool:
    return intervention.role == "speaker" and intervention.reason not in _NOT_MADE


def _tracks(history: list[Held], held: Iterable[Floor]) -> dict[str, str]:
    tracks = {}
    for floor in held:
        for slots in (floor.slots, *(past.slots for past in floor.past)):
            tracks.update({id: slot.track for id, slot in slots.items()})
    return tracks


type _End = tuple[int, int, str]
"""An entry that ended a holding: its seq, the time used, the reason."""


def _ends(hearing: Hearing) -> dict[str, list[_End]]:
    found: dict[str, list[_End]] = {}
    for entry in Entry.objects.filter(hearing=hearing.id, kind=FloorEnded.KIND).order_by("seq"):
        body = entry.fields()
        found.setdefault(body["slot"], []).append((entry.seq, body["used_ms"], body["reason"]))
    return found


def _ended(intervention: Held, ends: dict[str, list[_End]]) -> int:
    """Return the entry that ended an intervention: the last match; earlier ones may be undone."""
    same = [
        seq
        for seq, used_ms, reason in ends.get(intervention.slot, ())
        if seq > intervention.giving
        and (used_ms, reason) == (intervention.used_ms, intervention.reason)
    ]
    return same[-1] if same else intervention.giving


# ── One sentence of a statement, cited by hand ─────────────────────────────────────────────────


def citable(source: StatementText) -> list[SourceSentence]:
    """Return the sentences of a statement that are worth citing."""
    return citable_sentences(source.id, source.text_under_alias)


def report_sentence(hearing: Hearing, statement: UUID, sentence: int) -> str | None:
    """Report one sentence of a statement as the draft would; None if there is no such sentence."""
    found = [source for source in statements(hearing) if source.statement.id == statement]
    if not found or not found[0].is_citable:
        return None
    source = found[0]
    said = next((own for own in citable(source) if own.index == sentence), None)
    if said is None:
        whole = split(source.text_under_alias)
        if not 0 <= sentence < len(whole):
            return None
        said = SourceSentence(source.id, sentence, whole[sentence])
    return reported_speech.report(single_point(said), {source.id: source_statement(source)}).text


def handed_in(hearing: Hearing) -> dict[str, int]:
    """Return the entry with which each statement was last submitted, by the statement's id."""
    entries = Entry.objects.filter(hearing=hearing.id, kind=statement_entries.HANDED_IN)
    return {row.fields()["statement"]: row.seq for row in entries.order_by("seq")}


# ── A source opened: the passage of a statement, or an entry of the record ─────────────────────


def passage(hearing: Hearing, statement: UUID, sentence: int | None) -> dict[str, Any] | None:
    """Return a statement's sentences, the cited one marked; None if the hearing lacks them."""
    found = [source for source in statements(hearing) if source.statement.id == statement]
    if not found:
        return None
    said = [
        {"number": number, "text": text, "cited": number == sentence}
        for number, text in enumerate(split(found[0].text))
    ]
    return {
        "kind": "statement",
        "source": found[0],
        "said": said,
        "sentence": sentence,
        "seq": handed_in(hearing).get(found[0].id),
    }


def entry(hearing: Hearing, seq: int) -> dict[str, Any] | None:
    """Return an entry of the record in words; None if the record has no such entry."""
    row = Entry.objects.filter(hearing=hearing.id, seq=seq).first()
    if row is None:
        return None
    return {
        "kind": "entry",
        "row": row,
        "seq": row.seq,
        "at": clock.from_ms(row.at),
        "told": describe_entries([row])[row.seq],
        "by": _name(row.actor),
    }


def _name(actor: str) -> str:
    try:
        person = Person.objects.filter(pk=UUID(hex=actor)).first()
    except ValueError:
        return actor
    return person.name if person else ""
