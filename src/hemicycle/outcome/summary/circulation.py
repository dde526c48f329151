"""Circulation: send the summary, or its key messages, to all who took part, and keep the proof.

A circulation sends one published version of either. It leaves out recipients who already got that
version, so that circulating again reaches only new ones. The messages are queued in the same
transaction as the entry of the record, which counts them by group.
"""

from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hemicycle.before.registration.lists import addressee
from hemicycle.before.registration.models import CoSigner, Registration
from hemicycle.hearing.setup.aliases import Hidden
from hemicycle.hearing.setup.models import Hearing, PanelMember
from hemicycle.mail.outgoing import lists, mailings, unsubscribing
from hemicycle.mail.outgoing.models import Message
from hemicycle.mail.outgoing.signals import Addressee
from hemicycle.mail.outgoing.texts import Letter
from hemicycle.outcome.summary import entry_types, key_messages
from hemicycle.outcome.summary.actions import SummaryRefused
from hemicycle.outcome.summary.contents import public_languages, published_version
from hemicycle.outcome.summary.document import messages_of, pdf_of
from hemicycle.outcome.summary.letters import KEY_MESSAGES, SUMMARY
from hemicycle.outcome.summary.models import Circulation, Summary, SummaryRecipient, SummaryVersion
from hemicycle.record import clock, writer
from hemicycle.ui.languages import base, spoken

type Group = SummaryRecipient.Group


@dataclass(frozen=True, slots=True)
class CirculatedPaper:
    """A paper that can be circulated: its letter, and functions for its public versions.

    `version` and `pdf` take the summary and a language ("" for the original's), `languages` takes
    the summary.
    """

    reason: SummaryVersion.Reason
    letter: Letter
    entry_type: str
    name: Promise
    unpublished: Promise
    version: Callable[[Summary, str], SummaryVersion | None]
    languages: Callable[[Summary], list[str]]
    pdf: Callable[[Summary, str], bytes]

    def is_superseded(self, summary: Summary) -> bool:
        """Whether it is no longer sent: true of key messages whose summary is published."""
        is_of_messages = self.reason == SummaryVersion.Reason.MESSAGES
        return is_of_messages and summary.published_at is not None


SUMMARY_PAPER = CirculatedPaper(
    SummaryVersion.Reason.PUBLISHED,
    SUMMARY,
    entry_types.CIRCULATED,
    gettext_lazy("Circulation of the summary"),
    gettext_lazy("Publish the summary first. Only the published summary can be circulated."),
    published_version,
    public_languages,
    pdf_of,
)
MESSAGES_PAPER = CirculatedPaper(
    SummaryVersion.Reason.MESSAGES,
    KEY_MESSAGES,
    entry_types.MESSAGES_CIRCULATED,
    gettext_lazy("Circulation of the key messages"),
    gettext_lazy("Publish the key messages first. Then they can be circulated."),
    key_messages.public_version,
    key_messages.public_languages,
    lambda summary, language: messages_of(key_messages.contents(summary, language), "pdf"),
)


def addressees(hearing: Hearing) -> dict[Addressee, Group]:
    """Return everyone who gets the summary with their group, each address once."""
    found: dict[str, tuple[Addressee, Group]] = {}
    for to, group in (
        *_registered(hearing),
        *_on_panels(hearing),
        *_co_signers(hearing),
        *_listed(hearing),
    ):
        if lists.is_address(to.address):
            found.setdefault(to.address.casefold(), (to, group))
    return dict(found.values())


def _registered(hearing: Hearing) -> Iterator[tuple[Addressee, Group]]:
    rows = Registration.objects.filter(Registration.taking_part(), hearing=hearing)
    for row in rows.select_related("organization", "person").order_by("arrival"):
        is_mission = row.is_mission
        yield (
            addressee(row),
            SummaryRecipient.Group.MISSIONS if is_mission else SummaryRecipient.Group.PARTICIPANTS,
        )


def _on_panels(hearing: Hearing) -> Iterator[tuple[Addressee, Group]]:
    rows = PanelMember.objects.filter(segment__meeting__hearing=hearing, person__erased_at=None)
    for member in rows.exclude(person=None).select_related("person").order_by("segment", "ordinal"):
        person = member.person
        assert person is not None
        yield (
            Addressee(
                address=person.email,
                name=person.name,
                language=person.language,
                person=person.pk,
            ),
            SummaryRecipient.Group.PANELS,
        )


def _co_signers(hearing: Hearing) -> Iterator[tuple[Addressee, Group]]:
    """Yield the organizations that joined an intervention, in its language."""
    rows = CoSigner.objects.filter(
        Registration.taking_part("registration__"),
        registration__hearing=hearing,
        state=CoSigner.State.CONSENTED,
    )
    for row in rows.select_related("registration__person").order_by("registration__arrival", "pk"):
        yield (
            Addressee(
                address=row.email,
                organization=row.organization_name,
                language=row.registration.person.language,
            ),
            SummaryRecipient.Group.CO_SIGNERS,
        )


def _listed(hearing: Hearing) -> Iterator[tuple[Addressee, Group]]:
    for line in lists.of_missions(hearing):
        yield lists.addressee(line), SummaryRecipient.Group.LIST


def pending(summary: Summary, paper: CirculatedPaper = SUMMARY_PAPER) -> dict[Addressee, Group]:
    """Return the addressees who have not been sent the published version yet.

    People who were sent the original are sent the translation into their language too, once that is
    public. Those who unsubscribed from letters about the hearing are left out.
    """
    passed_over = unsubscribing.gone(summary.hearing_id)
    sent = set[tuple[str, str]]()
    if version := paper.version(summary, ""):
        rows = SummaryRecipient.objects.filter(circulation__version=version)
        found = rows.values_list("address", "language")
        sent = {(address.casefold(), language) for address, language in found}
    translated = paper.languages(summary)[1:]
    return {
        to: group
        for to, group in addressees(summary.hearing).items()
        if to.address.casefold() not in passed_over
        and (to.address.casefold(), _translation_for(to.language, translated)) not in sent
    }


def _translation_for(language: str, translated: Container[str]) -> str:
    """Return the language of the translation that a reader gets, "" for the original."""
    tag = base(spoken(language))
    return tag if tag in translated else ""


def unsubscribed(hearing: Hearing) -> int:
    """Count the addressees who have unsubscribed."""
    gone = unsubscribing.gone(hearing.id)
    return sum(to.address.casefold() in gone for to in addressees(hearing))


def mailing_plan(
    summary: Summary, to: Iterable[Addressee], paper: CirculatedPaper = SUMMARY_PAPER
) -> mailings.Plan:
    """Plan the letters to these addressees."""
    return mailings.plan_for(summary.hearing, paper.letter, paper.name, to)


def circulate(
    *, hearing: Hearing, paper: CirculatedPaper = SUMMARY_PAPER, actor: writer.Actor
) -> Circulation:
    """Queue the published paper for everyone who has not been sent it yet.

    Raises `SummaryRefused` if nothing is published, if it changes meanwhile, if everyone has been
    sent it, and for key messages whose summary is published.
    """
    summary = Summary.objects.filter(hearing=hearing).first()
    if summary is None or paper.version(summary, "") is None:
        raise SummaryRefused(str(paper.unpublished))
    seen, digests = _state(summary, paper), _digests(summary, paper)
    with writer.writing(hearing.id, actor=actor) as record:
        summary.refresh_from_db()
        if paper.is_superseded(summary):
            raise SummaryRefused(key_messages.superseded())
        version = paper.version(summary, "")
        if version is None or _state(summary, paper) != seen:
            raise SummaryRefused(
                _("The summary has been changed since you opened it. Check it again.")
            )
        if not (groups := pending(summary, paper)):
            raise SummaryRefused(_("This version has already been sent to everyone."))
        made = _made(summary, version, digests, record)
        rows = _send(made, mailing_plan(summary, groups, paper), groups, record)
        made.seq = record.append(paper.entry_type, _told(made, rows)).seq
        made.save()
        SummaryRecipient.objects.bulk_create(rows)
    return made


def _state(summary: Summary, paper: CirculatedPaper) -> list[SummaryVersion | None]:
    """Return the public versions, to detect a change while their papers are made."""
    return [paper.version(summary, language) for language in paper.languages(summary)]


def _digests(summary: Summary, paper: CirculatedPaper) -> dict[str, str]:
    """Return the SHA-256 of the PDF in each language, "" for the original's."""
    return {
        "" if language == summary.language else language: sha256(
            paper.pdf(summary, language)
        ).hexdigest()
        for language in paper.languages(summary)
    }


def _made(
    summary: Summary, version: SummaryVersion, digests: dict[str, str], record: writer.Writer
) -> Circulation:
    return Circulation(
        summary=summary,
        version=version,
        circulated_at=clock.from_ms(record.now),
        digest=digests.pop(""),
        digests=digests,
    )


def _send(
    made: Circulation,
    found: mailings.Plan,
    groups: dict[Addressee, Group],
    record: writer.Writer,
) -> list[SummaryRecipient]:
    return [
        SummaryRecipient(
            circulation=made,
            group=groups[written.to],
            name=written.to.organization or written.to.name,
            language=_translation_for(written.text.language, made.digests),
            address=written.to.address,
            person_id=message.person_id,
            message_id=message.id,
        )
        for written, message in zip(found.written, mailings.send(found, record), strict=True)
    ]


def _told(made: Circulation, rows: list[SummaryRecipient]) -> dict[str, Any]:
    def count(group: SummaryRecipient.Group) -> int:
        return sum(row.group == group for row in rows)

    return {
        "summary": made.summary_id.hex,
        "circulation": made.id.hex,
        "version": made.version_id.hex,
        "recipients": len(rows),
        "missions": count(SummaryRecipient.Group.MISSIONS),
        "participants": count(SummaryRecipient.Group.PARTICIPANTS),
        "panels": count(SummaryRecipient.Group.PANELS),
        "co_signers": count(SummaryRecipient.Group.CO_SIGNERS),
        "listed": count(SummaryRecipient.Group.LIST),
        "messages": [row.message_id.hex for row in rows if row.message_id],
    }


def proofs(summary: Summary, paper: CirculatedPaper = SUMMARY_PAPER) -> list[dict[str, Any]]:
    """Return each circulation with its recipients and the state of each message: three queries."""
    made = summary.circulations.filter(version__reason=paper.reason)
    rows = list(made.select_related("version").prefetch_related("recipients"))
    ids = [
        recipient.message_id
        for circulation in rows
        for recipient in circulation.recipients.all()
        if recipient.message_id
    ]
    sent: Sent = dict(Message.objects.filter(pk__in=ids).values_list("id", "sent_at"))
    return [
        {
            "circulation": circulation,
            "recipients": [_shown(recipient, sent) for recipient in circulation.recipients.all()],
            "sent": sum(
                bool(sent.get(recipient.message_id)) for recipient in circulation.recipients.all()
            ),
        }
        for circulation in rows
    ]


type Sent = dict[UUID | None, datetime | None]


def _shown(recipient: SummaryRecipient, sent: Sent) -> dict[str, Any]:
    at = sent.get(recipient.message_id)
    state = "erased" if recipient.message_id not in sent else "sent" if at else "queued"
    return {"row": recipient, "state": state, "sent_at": at}


def without(hidden: Hidden | None, proved: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the proofs without the recipients who are `hidden` by an alias; None hides no one."""
    if not hidden:
        return proved

    def is_open(shown: dict[str, Any]) -> bool:
        return not hidden.has(shown["row"].person_id, shown["row"].address)

    return [
        {**circulation, "recipients": [r for r in circulation["recipients"] if is_open(r)]}
        for circulation in proved
    ]


def matching(proved: list[dict[str, Any]], words: str) -> list[dict[str, Any]]:
    """Filter the recipients to those whose name or address contains all of `words`."""
    wanted = words.casefold().split()

    def holds(shown: dict[str, Any]) -> bool:
        text = f"{shown['row'].name} {shown['row'].address}".casefold()
        return all(word in text for word in wanted)

    return [
        {**circulation, "recipients": [r for r in circulation["recipients"] if holds(r)]}
        for circulation in proved
    ]
