"""What a draft is made from: the statements that may be weighed, and the record of the floor.

A statement is weighed once it is no longer confidential: delivered, not reached for lack of time,
or in writing only; all three alike. Its newest version whose text could be read counts.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from hemicycle.before.registration.models import Registration
from hemicycle.before.speakers.capacity import panels
from hemicycle.before.statements.models import Statement, Version
from hemicycle.hearing.people.models import Track
from hemicycle.hearing.setup.models import Hearing
from hemicycle.outcome.summary import drafting
from hemicycle.outcome.summary.naming import public_name, unnamed
from hemicycle.procedure import Floor
from hemicycle.procedure import Intervention as Held
from hemicycle.procedure.events import FloorEnded
from hemicycle.record.floor import floor_of
from hemicycle.record.models import Entry

Release = Statement.Release
IN_WRITING = ""
"""The panel of statements that belong to none: contributions in writing."""

_NOT_MADE = frozenset({"absent", "skipped", "withdrawn"})


@dataclass(frozen=True, slots=True)
class Weighed:
    """A statement with the text that counts; "" where none could be read."""

    statement: Statement
    text: str
    version: UUID | None

    @property
    def id(self) -> str:
        """The statement's id as sources spell it."""
        return self.statement.id.hex

    @property
    def panel(self) -> str:
        """The panel it was handed in for, by id; "" for none."""
        inscription = self.statement.inscription
        return inscription.segment_id.hex if inscription else IN_WRITING

    @property
    def veiled(self) -> str:
        """The text with the alias in place of the names that it stands for."""
        registration, text = self.statement.registration, self.text
        alias = self.statement.alias or registration.alias
        if not alias:
            return text
        names = (registration.organization.name, registration.person.name)
        for name in sorted(filter(None, names), key=len, reverse=True):
            text = re.sub(re.escape(name), lambda _: alias, text, flags=re.IGNORECASE)
        return text

    @property
    def may_be_weighed(self) -> bool:
        """Whether it is no longer confidential."""
        return self.statement.release != Release.EMBARGOED

    @property
    def language(self) -> str:
        """The language it would be or was delivered in."""
        inscription = self.statement.inscription
        return inscription.language if inscription else self.statement.registration.language


def statements(hearing: Hearing) -> list[Weighed]:
    """The statements of all who still take part, in order of arrival: two queries."""
    return [_weighed(row) for row in _rows(hearing)]


def _rows(hearing: Hearing) -> QuerySet[Statement]:
    read = Version.objects.filter(state=Version.State.READ).exclude(text="").order_by("-number")
    rows = Statement.objects.filter(
        hearing_id=hearing.id, registration__status__in=Registration.LIVE
    ).select_related(
        "registration__organization",
        "registration__category",
        "registration__person",
        "inscription__segment",
    )
    readable = Prefetch("versions", queryset=read, to_attr="readable")
    return rows.prefetch_related(readable).order_by("registration__arrival", "id")


def _weighed(row: Statement) -> Weighed:
    newest: Version | None = next(iter(getattr(row, "readable", ())), None)
    return Weighed(row, newest.text if newest else "", newest.id if newest else None)


def fingerprint(hearing: Hearing) -> list[tuple[UUID, str, bool, UUID | None]]:
    """What decides which words a draft is made from, to see whether any of it has changed."""
    return [
        (row.id, row.release, row.consents_to_publish, _weighed(row).version)
        for row in _rows(hearing)
    ]


def name_of(statement: Statement) -> str:
    """Who made a statement, as the summary names them."""
    if statement.naming == Statement.Naming.ALIAS:
        return statement.alias
    if statement.naming == Statement.Naming.WITHHELD:
        return unnamed(statement.registration)
    in_public = statement.release == Release.DELIVERED or statement.consents_to_publish
    return public_name(statement.registration, in_public=in_public)


def floors(hearing: Hearing) -> dict[UUID, Floor]:
    """The floor of each meeting, as the record has it."""
    return {id: floor_of(id) for id in hearing.meetings.values_list("id", flat=True)}


def gather(hearing: Hearing) -> drafting.Material:
    """All that a draft is made from."""
    weighed = [source for source in statements(hearing) if source.may_be_weighed]
    found = [drafting.Panel(segment.id.hex, segment.title) for segment in panels(hearing)]
    if any(source.panel == IN_WRITING for source in weighed):
        found.append(drafting.Panel(IN_WRITING, "Contributions in writing"))
    return drafting.Material(
        panels=tuple(found),
        questions=tuple(
            drafting.Question(question.number, question.text, question.short)
            for question in hearing.guiding_questions.all()
        ),
        statements=tuple(drafted_from(source) for source in weighed),
        interventions=tuple(interventions(hearing, floors(hearing).values())),
    )


def drafted_from(source: Weighed) -> drafting.Statement:
    """A statement as the draft takes it."""
    return drafting.Statement(
        id=source.id,
        text=source.veiled,
        panel=source.panel,
        speaker=name_of(source.statement),
        category=source.statement.registration.category.label,
        language=source.language.split("-")[0],
        delivered=source.statement.release == Release.DELIVERED,
        not_reached=source.statement.release == Release.NOT_REACHED,
        unnamed=name_of(source.statement) == unnamed(source.statement.registration),
        participant=source.statement.registration_id.hex,
    )


def interventions(hearing: Hearing, held: Iterable[Floor]) -> list[drafting.Intervention]:
    """The interventions made from the floor, with the entries that ended them; undone ones not."""
    history = [
        intervention for floor in held for intervention in floor.history if _made(intervention)
    ]
    ends = _ends(hearing)
    tracks = _tracks(history, held)
    return [
        drafting.Intervention(
            seq=_ended(intervention, ends),
            panel=intervention.segment,
            track=str(Track(tracks[intervention.slot]).label),
            used_ms=intervention.used_ms,
        )
        for intervention in history
        if tracks.get(intervention.slot) in Track.values
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
    """The entry that ended a holding: the last that says the same, since one may be undone."""
    same = [
        seq
        for seq, used_ms, reason in ends.get(intervention.slot, ())
        if seq > intervention.giving
        and (used_ms, reason) == (intervention.used_ms, intervention.reason)
    ]
    return same[-1] if same else intervention.giving
