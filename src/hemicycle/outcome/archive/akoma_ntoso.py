"""The proceedings as Akoma Ntoso 3.0: who had the floor, when, and in which item of the programme.

A debate in the sense of the standard (https://docs.oasis-open.org/legaldocml/akn-core/v1.0/):
meetings are its sections, items of the programme are sections within them, and each intervention is
a speech with its speaker, role and times. The text is that of the submitted statement, marked to be
checked against delivery; if no text may be shown, a narrative says so.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from lxml import etree
from lxml.builder import ElementMaker

from hemicycle.before.readers.queries import readings
from hemicycle.before.registration.models import Inscription
from hemicycle.before.statements.titles import UNTITLED, GivenTitle
from hemicycle.documents.writing.paper import legible
from hemicycle.hearing.setup.models import Hearing, Meeting, PanelMember, Segment
from hemicycle.outcome.summary.sources import statements
from hemicycle.procedure import Intervention
from hemicycle.record import clock
from hemicycle.record.floor import floor_of

NAMESPACE = "http://docs.oasis-open.org/legaldocml/ns/akn/3.0"
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_NOT_MADE = frozenset({"absent", "skipped", "withdrawn"})
_CHECK = "Check against delivery."
E = ElementMaker(namespace=NAMESPACE, nsmap={None: NAMESPACE})


@dataclass(frozen=True, slots=True)
class Speaker:
    """The speaker of a slot. `text` and `title` are the parts of their statement that may be shown.

    `read_by` names another person who read the statement.
    """

    id: str
    name: str
    language: str = ""
    text: str = ""
    title: GivenTitle = UNTITLED
    read_by: str = ""


def proceedings(hearing: Hearing, *, public: bool) -> bytes:
    """Return the hearing's proceedings as XML; with `public`, only statements that are public."""
    meetings = list(hearing.meetings.prefetch_related("segments"))
    held = {meeting.id: _held(meeting) for meeting in meetings}
    speakers = _speakers(
        hearing,
        [intervention for interventions in held.values() for intervention in interventions],
        public=public,
    )
    body = E.debateBody(*(_meeting(hearing, day, held[day.id], speakers) for day in meetings))
    if not len(body):
        body.append(_section("none", "hearing", "No meeting was planned", []))
    debate = E.debate(_meta(hearing, meetings, speakers), body, name="hearing")
    root = E.akomaNtoso(debate)
    content: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return content


def _held(meeting: Meeting) -> list[Intervention]:
    return [
        intervention
        for intervention in floor_of(meeting.id).history
        if intervention.reason not in _NOT_MADE
    ]


def _speakers(
    hearing: Hearing, held: Iterable[Intervention], *, public: bool
) -> dict[str, Speaker]:
    slots = {UUID(hex=intervention.slot) for intervention in held}
    members = PanelMember.objects.filter(pk__in=slots)
    found = {
        member.pk.hex: Speaker(
            f"person-{member.pk.hex}", member.public.name if public else member.name
        )
        for member in members
    }
    said = {source.statement.inscription_id: source for source in statements(hearing)}
    rows = Inscription.objects.filter(pk__in=slots).select_related("registration__organization")
    for row in rows:
        source = said.get(row.pk)
        shown = source is not None and (not public or source.statement.is_public_by_name)
        who = row.registration
        hidden = public and bool(who.alias)
        found[row.pk.hex] = Speaker(
            f"person-{row.pk.hex}" if hidden else f"organization-{who.organization_id.hex}",
            who.public_organization if public else who.organization.name,
            row.language,
            source.text if source and shown else "",
            GivenTitle.of(source.statement) if source and shown else UNTITLED,
        )
    for slot, reading in readings(slots).items():
        if slot.hex in found:
            found[slot.hex] = replace(found[slot.hex], read_by=str(reading))
    return found


# ── About the document ────────────────────────────────────────────────────────────────────────


def _meta(hearing: Hearing, meetings: Sequence[Meeting], speakers: Mapping[str, Speaker]) -> Any:
    day = meetings[0].starts_at.astimezone(hearing.zone).date() if meetings else clock.now().date()
    work = f"/akn/un/debate/{day}/{hearing.slug}"
    told = _identified(work, day.isoformat())
    return E.meta(told, E.references(*_references(hearing, speakers), source="#hemicycle"))


def _identified(work: str, day: str) -> Any:
    expression = f"{work}/eng@{day}"
    made = clock.now().date().isoformat()
    author = {"href": "#convener"}
    return E.identification(
        E.FRBRWork(
            E.FRBRthis(value=f"{work}/!main"),
            E.FRBRuri(value=work),
            E.FRBRdate(date=day, name="held"),
            E.FRBRauthor(author),
            E.FRBRcountry(value="un"),
        ),
        E.FRBRExpression(
            E.FRBRthis(value=f"{expression}/!main"),
            E.FRBRuri(value=expression),
            E.FRBRdate(date=day, name="held"),
            E.FRBRauthor(author),
            E.FRBRlanguage(language="eng"),
        ),
        E.FRBRManifestation(
            E.FRBRthis(value=f"{expression}/!main.xml"),
            E.FRBRuri(value=f"{expression}.akn"),
            E.FRBRdate(date=made, name="written"),
            E.FRBRauthor({"href": "#hemicycle"}),
        ),
        source="#hemicycle",
    )


def _references(hearing: Hearing, speakers: Mapping[str, Speaker]) -> Iterator[Any]:
    yield _reference("Organization", "hemicycle", "Hemicycle")
    yield _reference("Organization", "convener", hearing.convener or hearing.title)
    for speaker in {speaker.id: speaker for speaker in speakers.values()}.values():
        yield _reference(speaker.id.partition("-")[0].capitalize(), speaker.id, speaker.name)
    for role in ("chair", "moderator", "panellist", "speaker"):
        yield _reference("Role", f"role-{role}", role)


def _reference(kind: str, id: str, shown: str) -> Any:
    where = f"/akn/ontology/{kind.lower()}/{id}"
    return E(f"TLC{kind}", eId=id, href=where, showAs=legible(shown) or "–")


# ── What happened ─────────────────────────────────────────────────────────────────────────────


def _meeting(
    hearing: Hearing,
    meeting: Meeting,
    held: Sequence[Intervention],
    speakers: Mapping[str, Speaker],
) -> Any:
    sections = []
    for segment in meeting.segments.all():
        own = [intervention for intervention in held if intervention.segment == segment.id.hex]
        sections.append(_segment(hearing, segment, own, speakers))
    title = meeting.title or f"{meeting.starts_at.astimezone(hearing.zone):%-d %B %Y, %H:%M}"
    return _section(f"meeting-{meeting.id.hex}", "meeting", title, sections)


def _segment(
    hearing: Hearing,
    segment: Segment,
    held: Sequence[Intervention],
    speakers: Mapping[str, Speaker],
) -> Any:
    speeches = [
        _speech(hearing, intervention, speakers[intervention.slot]) for intervention in held
    ]
    id = f"item-{segment.id.hex}"
    return _section(id, segment.kind, segment.title, speeches)


def _section(id: str, name: str, heading: str, content: Sequence[Any]) -> Any:
    made = E.debateSection(E.heading(legible(heading) or "–"), eId=id, name=name)
    made.extend(content or [E.narrative("No intervention is on the record.")])
    return made


def _speech(hearing: Hearing, intervention: Intervention, who: Speaker) -> Any:
    times = {
        "startTime": _at(hearing, intervention.given_at),
        "endTime": _at(hearing, intervention.ended_at),
    }
    asked = {"by": f"#{who.id}", "as": f"#role-{intervention.role}"}
    made = E.speech({"eId": f"speech-{intervention.giving}", **asked, **times})
    if who.language:
        made.set(_XML_LANG, who.language)
    if who.title.title:
        made.append(E.heading(legible(who.title.title), {_XML_LANG: who.title.language}))
    told = ", ".join(part for part in (who.name, who.read_by) if part)
    made.append(E("from", legible(told) or "–"))
    lines = [line.strip() for line in legible(who.text).splitlines() if line.strip()]
    if intervention.question or not lines:
        made.append(E.p("The words of this intervention are not part of this document."))
        return made
    made.extend(E.p(line) for line in lines)
    made.append(E.p(E.i(_CHECK), {_XML_LANG: "en"}))
    return made


def _at(hearing: Hearing, ms: int) -> str:
    moment: datetime = clock.from_ms(ms).astimezone(hearing.zone)
    return moment.isoformat(timespec="milliseconds")
