"""Queries of registrations for the personal page, drafts and co-signers."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q

from hemicycle.before.registration import names
from hemicycle.before.registration.models import CoSigner, Inscription, Registration
from hemicycle.hearing.people.secrets import hash_secret
from hemicycle.hearing.setup.audit import AuditRow, rows_of
from hemicycle.hearing.setup.models import Hearing
from hemicycle.record import keys, receipts
from hemicycle.record.chain import Content, genesis
from hemicycle.record.compiled import CompiledQuery
from hemicycle.record.log import checkpoints
from hemicycle.record.models import Entry

_by_panel = CompiledQuery(
    lambda registration: (
        Inscription.objects.filter(registration=registration)
        .select_related("segment")
        .order_by("segment__ordinal", "seq")
    ),
    registration=UUID,
)


_by_id = CompiledQuery(
    lambda registration: (
        Registration.objects.filter(pk=registration)
        .select_related("hearing", "person", "organization", "category")
        .order_by()
    ),
    registration=UUID,
)


def registration_by_id(registration: UUID) -> Registration | None:
    """Return a registration with its person, organization and hearing: one query."""
    return next(iter(ask_by_id(registration)()), None)


def ask_by_id(registration: UUID) -> Callable[[], list[Registration]]:
    """Send the query of `registration_by_id`; return a function that reads its result later."""
    return _by_id.ask(registration=registration)


def under_alias(hearing: UUID, people: Collection[UUID]) -> Iterator[tuple[UUID, Registration]]:
    """Yield the id of each of `people` who has an alias, with their registration: two queries.

    A former speaker of such a registration counts too, since they acted under the alias.
    """
    theirs = Q(person__in=people) | Q(former_speakers__in=people)
    rows = Registration.objects.filter(theirs, hearing=hearing).exclude(alias="").distinct()
    related = rows.select_related("person", "organization").prefetch_related("former_speakers")
    for registration in related:
        own = (registration.person, *registration.former_speakers.all())
        yield from ((person.id, registration) for person in own if person.id in people)


def inscriptions_of(registration: Registration) -> list[Inscription]:
    """Return a registration's latest place in each panel, in the order of the panels: one query."""
    found = _by_panel(registration=registration.id)
    return list({row.segment_id: row for row in found}.values())


def signed_receipt(entry: Entry) -> dict[str, Any]:
    """Return the receipt of an entry: signed now, or proved by a checkpoint if one covers it."""
    before = Entry.objects.filter(hearing=entry.hearing, seq=entry.seq - 1).first()
    previous = before.hash if before else genesis(entry.hearing.hex)
    content = Content.of(entry.__dict__)
    found = checkpoints.inclusion(entry.hearing, entry.seq)
    if found is None:
        return receipts.receipt(content, previous, keys.signing_key())
    note, key = checkpoints.note_of(found.checkpoint), found.checkpoint.key
    return receipts.proved_receipt(content, previous, note, found.path, key)


def co_signer_by(secret: str) -> CoSigner | None:
    """Return the co-signer that a link belongs to, with its request; None if not asked yet."""
    related = ("registration__hearing", "registration__organization", "registration__person")
    asked = CoSigner.objects.exclude(state=CoSigner.State.NAMED).select_related(*related)
    return asked.filter(link_hash=hash_secret(secret)).first()


def similar_keys(
    registration: Registration, inscriptions: list[Inscription], co_signers: list[CoSigner]
) -> set[UUID]:
    """Return ids of other active requests that could be joined with this one: one query.

    Similar requests are for the same panel and name an organization of this request as co-signer or
    are named by it, share a co-signer with it, or have an organization with nearly the same name.
    """
    segments = [row.segment_id for row in inscriptions if row.is_on_list]
    if not segments:
        return set()
    own = {registration.organization_key}
    asked = {co_signer.organization_key for co_signer in co_signers}
    linked = (
        Q(organization_key__in=asked)
        | Q(co_signers__organization_key__in=asked | own)
        | Q(loose_key=registration.loose_key)
    )
    others = Registration.objects.exclude(pk=registration.pk).filter(
        linked,
        hearing=registration.hearing_id,
        track=registration.track,
        status__in=Registration.LIVE,
        inscriptions__segment__in=segments,
        inscriptions__state=Inscription.State.INSCRIBED,
    )
    return set(others.values_list("pk", flat=True))


def similar_to(
    registration: Registration, inscriptions: list[Inscription], co_signers: list[CoSigner]
) -> list[Registration]:
    """Return the registrations of `similar_keys`, with their co-signers: three queries at most."""
    found = similar_keys(registration, inscriptions, co_signers)
    related = ("organization", "person", "category")
    chosen = Registration.objects.filter(pk__in=found).select_related(*related)
    return list(chosen.prefetch_related("co_signers"))


def history_of(registration: Registration) -> list[AuditRow]:
    """Return the record's entries about a registration in words, the oldest first."""
    entries = Entry.objects.filter(
        hearing=registration.hearing_id, body__contains=registration.id.hex
    )
    return rows_of(list(entries.order_by("seq")))


@dataclass(frozen=True, slots=True)
class Group:
    """Requests for one panel that could be joined, and what they have in common."""

    panel: str
    shared: str
    members: list[Registration]


def similar_groups(hearing: Hearing, *, with_aliases: bool = True) -> list[Group]:
    """Return all requests that could be made jointly, panel by panel: three queries.

    Without `with_aliases`, requests and co-signers with an alias are left out, since what requests
    share is itself a name.
    """
    live = Inscription.objects.filter(
        registration__hearing=hearing,
        registration__status__in=Registration.LIVE,
        state=Inscription.State.INSCRIBED,
    ).select_related("segment", "registration__organization", "registration__category")
    if not with_aliases:
        live = live.filter(registration__alias="")
    by_key: dict[tuple[str, str], list[Registration]] = {}
    shown: dict[str, str] = {}
    for row in live.prefetch_related("registration__co_signers").order_by("seq"):
        own = row.registration
        shown.setdefault(own.loose_key, own.organization.name)
        keys_of = {own.loose_key}
        for co_signer in own.co_signers.all():
            if co_signer.alias and not with_aliases:
                continue
            key = names.loose_key(co_signer.organization_name)
            shown.setdefault(key, co_signer.organization_name)
            keys_of.add(key)
        for key in keys_of:
            by_key.setdefault((row.segment.title, key), []).append(own)
    return [
        Group(panel, shown[key], members)
        for (panel, key), members in by_key.items()
        if len(members) > 1
    ]
