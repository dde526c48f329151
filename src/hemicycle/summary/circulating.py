"""The summary sent out to all missions and all who took part, with proof of who was sent what.

A circulation is about one published version. Whoever was sent that version already is passed over,
so that circulating again reaches only those who have joined since. Each message is owed in the
same transaction, and the entry of the record counts them by group.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from hemicycle.correspondence import lists
from hemicycle.correspondence.actions import queue
from hemicycle.correspondence.models import Message
from hemicycle.hearings.models import Hearing
from hemicycle.parties.models import Person, Track
from hemicycle.record import clock, gate
from hemicycle.registration.models import Registration
from hemicycle.summary import kinds
from hemicycle.summary.actions import SummaryRefused
from hemicycle.summary.models import Circulation, Recipient, Summary, Version
from hemicycle.summary.papers import pdf_of, published_version


@dataclass(frozen=True, slots=True)
class Addressee:
    """Somebody to whom a summary is to be sent."""

    group: Recipient.Group
    name: str
    address: str
    person: Person | None = None


def addressees(hearing: Hearing) -> list[Addressee]:
    """All to whom the summary goes, each address once: participants, and missions on lists."""
    found: dict[str, Addressee] = {}
    for one in (*_registered(hearing), *_listed(hearing)):
        if one.address:
            found.setdefault(one.address.casefold(), one)
    return list(found.values())


def _registered(hearing: Hearing) -> Iterator[Addressee]:
    rows = Registration.objects.filter(hearing=hearing, status__in=Registration.LIVE)
    group = Recipient.Group
    for row in rows.select_related("organization", "person").order_by("arrival"):
        is_mission = row.track == Track.MISSIONS
        kind = group.MISSIONS if is_mission else group.PARTICIPANTS
        yield Addressee(kind, row.organization.name, row.person.email, row.person)


def _listed(hearing: Hearing) -> Iterator[Addressee]:
    for line in lists.of_missions(hearing):
        yield Addressee(Recipient.Group.LIST, lists.organization_of(line), line.address)


def awaited(summary: Summary) -> list[Addressee]:
    """Those of them who have not been sent the published version yet: all, before it is."""
    everybody = addressees(summary.hearing)
    if (version := published_version(summary)) is None:
        return everybody
    sent = Recipient.objects.filter(circulation__version=version).values_list("address", flat=True)
    reached = {address.casefold() for address in sent}
    return [one for one in everybody if one.address.casefold() not in reached]


def circulate(*, hearing: Hearing, actor: gate.Actor) -> Circulation:
    """Owe the published summary to everybody who has not been sent it yet.

    Raises `SummaryRefused` while nothing is published, and where nobody is left to send it to.
    """
    summary = Summary.objects.filter(hearing=hearing).first()
    if summary is None or summary.published_at is None:
        raise SummaryRefused(_("Publish the summary first; what is circulated is what is public."))
    seen, digest = summary.published_at, sha256(pdf_of(summary)).hexdigest()
    with gate.writing(hearing.id, actor=actor) as record:
        summary.refresh_from_db()
        version = published_version(summary)
        if version is None or summary.published_at != seen:
            raise SummaryRefused(_("The summary was changed meanwhile. Look at it again."))
        waiting = awaited(summary)
        if not waiting:
            raise SummaryRefused(_("Everybody has been sent this version already."))
        made = _made(summary, version, digest, record)
        rows = [_send(hearing, made, one) for one in waiting]
        made.seq = record.append(kinds.CIRCULATED, _told(made, rows)).seq
        made.save()
        Recipient.objects.bulk_create(rows)
    return made


def _made(summary: Summary, version: Version, digest: str, record: gate.Writer) -> Circulation:
    at = clock.from_ms(record.now)
    return Circulation(summary=summary, version=version, circulated_at=at, digest=digest)


def _send(hearing: Hearing, made: Circulation, one: Addressee) -> Recipient:
    subject, body = message(hearing, made.digest, one.person.language if one.person else "en")
    owed = queue(
        hearing_id=hearing.id,
        purpose=Message.Purpose.SUMMARY,
        subject=subject,
        body=body,
        person=one.person,
        address=one.address,
    )
    return Recipient(
        circulation=made,
        group=one.group,
        name=one.name,
        address=one.address,
        person=one.person,
        message_id=owed.id if owed else None,
    )


def message(hearing: Hearing, digest: str, language: str) -> tuple[str, str]:
    """The subject and the text of what is sent, in the recipient's language."""
    with override(language):
        subject = _("Summary of the hearing: %(title)s") % {"title": hearing.title}
        lines = [
            _("The summary of “%(title)s” has been published:") % {"title": hearing.title},
            _link("public", hearing),
            _("To print: %(url)s") % {"url": _link("public-pdf", hearing)},
            _("To edit or quote from: %(url)s") % {"url": _link("public-docx", hearing)},
            _("The PDF’s SHA-256, by which you can tell that it is the one sent to everybody:"),
            digest,
            hearing.convener,
        ]
    return subject, "\n\n".join(line for line in lines if line)


def _link(name: str, hearing: Hearing) -> str:
    return f"{settings.BASE_URL}{reverse(f'summary:{name}', args=(hearing.slug,))}"


def _told(made: Circulation, rows: list[Recipient]) -> dict[str, Any]:
    def count(group: Recipient.Group) -> int:
        return sum(row.group == group for row in rows)

    return {
        "summary": made.summary_id.hex,
        "circulation": made.id.hex,
        "version": made.version_id.hex,
        "recipients": len(rows),
        "missions": count(Recipient.Group.MISSIONS),
        "participants": count(Recipient.Group.PARTICIPANTS),
        "listed": count(Recipient.Group.LIST),
        "messages": [row.message_id.hex for row in rows if row.message_id],
    }


def proof(summary: Summary) -> list[dict[str, Any]]:
    """Each circulation with its recipients and what became of their messages: three queries."""
    rows = list(summary.circulations.select_related("version").prefetch_related("recipients"))
    ids = [one.message_id for each in rows for one in each.recipients.all() if one.message_id]
    sent: Sent = dict(Message.objects.filter(pk__in=ids).values_list("id", "sent_at"))
    return [
        {
            "circulation": each,
            "recipients": [_shown(one, sent) for one in each.recipients.all()],
            "sent": sum(bool(sent.get(one.message_id)) for one in each.recipients.all()),
        }
        for each in rows
    ]


type Sent = dict[UUID | None, datetime | None]


def _shown(one: Recipient, sent: Sent) -> dict[str, Any]:
    at = sent.get(one.message_id)
    state = "erased" if one.message_id not in sent else "sent" if at else "queued"
    return {"row": one, "state": state, "sent_at": at}


def found_in(proved: list[dict[str, Any]], words: str) -> list[dict[str, Any]]:
    """The same with the recipients alone whose name or address holds `words`."""
    wanted = words.casefold().split()

    def holds(one: dict[str, Any]) -> bool:
        text = f"{one['row'].name} {one['row'].address}".casefold()
        return all(word in text for word in wanted)

    return [{**each, "recipients": [r for r in each["recipients"] if holds(r)]} for each in proved]
