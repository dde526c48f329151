"""Texts that name a panellist or moderator with an alias: those of the programme and of others.

Topics and descriptions are published with names replaced (`PanelMember.public_topic`,
`Segment.public_description`). Titles and guiding questions are the hearing's own words, which
everyone uses to refer to its parts: if one of them names such a person, the office gets a warning
and rewrites it.
"""

from collections.abc import Collection, Iterable, Iterator
from uuid import UUID

from hemicycle.hearing.setup.models import GuidingQuestion, Hearing, PanelMember, Segment
from hemicycle.mentions import OTHERS_SHORTEST, Bearer, Names, find
from hemicycle.ui.words import Translated

OFFICES = frozenset(
    """activist adviser advisor advocate ambassador attorney chair chairperson chief commissioner
    consultant coordinator dean delegate diplomat director doctor economist expert head
    investigator journalist judge lawyer lecturer manager member minister moderator officer
    president professor prosecutor rapporteur representative researcher scholar secretary
    spokesperson student survivor teacher volunteer witness writer
    """.split()  # noqa: SIM905 - words read better as words
)
"""Case-folded titles that name an office and no organization."""


def bearers(hearing: UUID) -> list[Bearer]:
    """Return the panellists and moderators with an alias, for texts by others. One query."""
    return [_elsewhere(member) for member in _hidden(hearing)]


def bearers_by_slot(hearing: UUID) -> list[tuple[UUID, Bearer]]:
    """Return the panellists and moderators with an alias by seat, for texts about it. One query."""
    return [(member.pk, bearer) for member in _hidden(hearing) if (bearer := member.bearer)]


def bearers_by_person(hearing: UUID, people: Collection[UUID]) -> Iterator[tuple[UUID, Bearer]]:
    """Yield those of `people` who have a seat with an alias, for their own texts. One query."""
    for member in _hidden(hearing):
        person, bearer = member.person_id, member.bearer
        if person in people and person and bearer:
            yield person, bearer


def _hidden(hearing: UUID) -> list[PanelMember]:
    rows = PanelMember.objects.filter(segment__meeting__hearing=hearing).exclude(alias="")
    return list(rows.select_related("person"))


def _elsewhere(member: PanelMember) -> Bearer:
    """Return the member's names for texts by others: without offices that others hold too."""
    names = Names(
        person=member.name,
        organizations=tuple(part for part in member.title_parts if part.casefold() not in OFFICES),
        email=member.person.email if member.person else "",
        former=(member.person.name,) if member.person else (),
        shortest=OTHERS_SHORTEST,
        hides_contacts=False,
    )
    return Bearer(names, member.alias)


def titles_that_name(hearing: Hearing, hidden: Iterable[Bearer]) -> list[str]:
    """Return the hearing's titles and questions, in any language, that name one of `hidden`."""
    segments = Segment.objects.filter(meeting__hearing=hearing)
    rows = [hearing, *segments, *GuidingQuestion.objects.filter(hearing=hearing)]
    names = [bearer.names for bearer in hidden]
    texts = [text for row in rows for text in _texts(row)]
    return [text for text in texts if any(find(text, name) for name in names)]


def _texts(row: Translated) -> Iterator[str]:
    kept = [name for name in row.words() if name != "description"]
    for said in (row.originals(), *row.translations.values()):
        yield from (text for name in kept if (text := said.get(name)))
