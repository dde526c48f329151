"""Two similar requests for the floor become one joint intervention, if both sides agree.

The secretariat sees which requests are alike and proposes to two organizations to speak jointly.
Each answers on its personal page. When both have agreed, the earlier place stays where it is, the
later request leaves the list, and its organization is a co-signer of the other. Until then nothing
changes. The record has the proposal, both answers and the list before and after, which `verify`
computes again.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from hemicycle.before.registration import (
    changes,
    entry_types,
    inscriptions,
    joining,
    joint_letters,
    places,
    signals,
    waiting,
)
from hemicycle.before.registration.access import actor_of
from hemicycle.before.registration.cleaned import NamedCoSigner
from hemicycle.before.registration.list_phase import ListPhase, floor_in, phase_of
from hemicycle.before.registration.models import (
    CoSigner,
    Inscription,
    JoinProposal,
    Registration,
)
from hemicycle.before.registration.refusals import Reason, RegistrationRefused
from hemicycle.before.registration.similarity import (
    Alike,
    FloorRequest,
    alike,
    common_words,
    subject_words,
)
from hemicycle.hearing.setup.models import Hearing
from hemicycle.record import clock, writer
from hemicycle.record.models import Entry
from hemicycle.record.verify.joint import EARLIER, INSCRIBED, WITHDRAWN, ListFold
from hemicycle.record.writer import Actor, Writer

Answer, State = JoinProposal.Answer, JoinProposal.State
MOST_SHOWN = 100
_RELATED = ("segment", *(f"registration__{name}" for name in ("organization", "person", "hearing")))


# ── Who could speak jointly ───────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class JointPair:
    """Two requests on one list that are alike; `first` has the earlier place."""

    first: Inscription
    second: Inscription
    why: Alike


def candidates(hearing: Hearing) -> list[JointPair]:
    """Return the pairs that could be proposed, at most a hundred, in five queries.

    Requests under an alias are left out: a proposal would name them to somebody.
    """
    by_list: dict[tuple[UUID, str], list[Inscription]] = defaultdict(list)
    for row in _joinable(hearing).prefetch_related("registration__co_signers"):
        by_list[row.segment_id, row.track].append(row)
    texts = _texts(row.registration_id for rows in by_list.values() for row in rows)
    known = set(JoinProposal.objects.filter(hearing=hearing).values_list("first", "second"))
    found = []
    for rows in by_list.values():
        requests = {row.id: _request(row.registration, texts) for row in rows}
        common = common_words(requests.values())
        for first, second in combinations(rows, 2):
            why = alike(requests[first.id], requests[second.id], common)
            if why and (first.id, second.id) not in known:
                found.append(JointPair(first, second, why))
    return found[:MOST_SHOWN]


def _joinable(hearing: Hearing) -> QuerySet[Inscription]:
    """Return the places that can be joined: before their meeting, confirmed, without an alias."""
    rows = Inscription.objects.filter(
        hearing_id=hearing.id,
        state=Inscription.State.INSCRIBED,
        registration__status__in=Registration.PLACED,
        registration__confirmed_at__isnull=False,
        registration__alias="",
        segment__meeting__starts_at__gt=clock.now(),
    )
    return rows.select_related(*_RELATED).order_by("segment__ordinal", "arrival")


def _texts(registrations: Iterable[UUID]) -> dict[UUID, str]:
    """Return what each registration has written, from the apps above."""
    found: dict[UUID, str] = defaultdict(str)
    for texts in signals.request_texts.send(list(registrations)):
        for registration, text in texts.items():
            found[registration] += f" {text}"
    return found


def _request(registration: Registration, texts: dict[UUID, str]) -> FloorRequest:
    declined = CoSigner.State.DECLINED
    named = {row.organization_key for row in registration.co_signers.all() if row.state != declined}
    words = subject_words(texts.get(registration.id, ""))
    return FloorRequest(registration.organization_key, frozenset(named), words)


# ── The proposal and its answers ──────────────────────────────────────────────────────────────
def propose(*, hearing: Hearing, pair: tuple[UUID, UUID], actor: Actor) -> JoinProposal:
    """Propose to the holders of two places that they speak jointly; each gets a letter.

    Raises `RegistrationRefused` if one of the places can no longer be joined, or if the pair was
    proposed before.
    """
    with writer.writing(hearing.id, actor=actor) as record:
        rows = list(_joinable(hearing).filter(pk__in=pair))
        if len(rows) != 2 or not _fit(record, *rows):
            raise _gone()
        first, second = rows
        if JoinProposal.objects.filter(first=first, second=second).exists():
            raise _unfit(_("This has already been proposed."))
        proposal = JoinProposal.objects.create(
            hearing=hearing, first=first, second=second, proposed_at=clock.from_ms(record.now)
        )
        body = {"proposal": proposal.id.hex, "segment": first.segment_id.hex}
        body |= {"first": first.id.hex, "second": second.id.hex}
        record.append(entry_types.JOINT_PROPOSED, body)
        for place in rows:
            joint_letters.invite(proposal, place)
    return proposal


def _fit(record: Writer, first: Inscription, second: Inscription) -> bool:
    same = (first.segment_id, first.track) == (second.segment_id, second.track)
    own = first.registration.organization_key == second.registration.organization_key
    floor = floor_in(record, first.segment.meeting_id)
    return same and not own and phase_of(first.segment, floor) is ListPhase.BEFORE


def answer(*, proposal: JoinProposal, registration: Registration, agrees: bool) -> JoinProposal:
    """Agree to a proposal or decline it, as the holder of one of its places.

    The second agreement joins the requests. Declining is final. Raises `RegistrationRefused` once
    the proposal is settled, or if a place is no longer on its list.
    """
    with writer.writing(registration.hearing_id, actor=actor_of(registration)) as record:
        current = JoinProposal.objects.get(pk=proposal.pk)
        rows = list(_joinable(registration.hearing).filter(pk__in=current.places))
        own = next((row for row in rows if row.registration_id == registration.id), None)
        if current.state != State.OPEN or own is None or len(rows) != 2 or not _fit(record, *rows):
            raise _gone()
        said = Answer.AGREED if agrees else Answer.DECLINED
        if current.answer_of(own.id) == said:
            return current
        current.set_answer(own.id, said)
        body = {"proposal": current.id.hex, "inscription": own.id.hex, "answer": said.value}
        record.append(entry_types.JOINT_ANSWERED, body)
        if said == Answer.DECLINED:
            current.state = State.DECLINED
            for place in rows:
                joint_letters.declined(current, place)
        elif current.first_answer == current.second_answer == Answer.AGREED:
            _join(record, current, *rows)
        current.save()
    return current


def _join(record: Writer, proposal: JoinProposal, kept: Inscription, left: Inscription) -> None:
    before = _list(record, kept)
    leaving = changes.current_of(left.registration)
    places.withdraw_places(record, leaving, (left.segment_id,))
    waits = leaving.waits.exists()
    leaving.wishes_to_intervene = waits or bool(inscriptions.on_lists(leaving))
    leaving.save(update_fields=("wishes_to_intervene",))
    co_signer = _co_signer(record, kept.registration, left.registration)
    record.append(
        entry_types.JOINT_JOINED,
        {
            "proposal": proposal.id.hex,
            "segment": kept.segment_id.hex,
            "kept": kept.id.hex,
            "left": left.id.hex,
            "co_signer": co_signer.id.hex,
            "before": before,
            "after": [place for place in before if place != left.id.hex],
        },
    )
    proposal.state = State.JOINED
    _ask_others(record, kept.registration, left.registration)
    for place in (kept, left):
        joint_letters.joined(proposal, place)
    waiting.fill(record)


def _list(record: Writer, place: Inscription) -> list[str]:
    """Return the list of the panel as the record has it when this act begins."""
    fold = ListFold()
    kinds = (*INSCRIBED, WITHDRAWN, EARLIER)
    rows = Entry.objects.filter(hearing=record.hearing, kind__in=kinds).order_by("seq")
    for entry in rows:
        fold.follow(entry.kind, entry.fields(), entry.seq)
    return fold.of(place.segment_id.hex)


def _co_signer(record: Writer, kept: Registration, left: Registration) -> CoSigner:
    """Make the organization that leaves the list a co-signer that has consented."""
    row = kept.co_signers.filter(organization_key=left.organization_key).first()
    if row is None:
        theirs = NamedCoSigner(left.organization.name, left.person.email)
        row = joining.drawn_up(kept, theirs, is_brought=True)
    row.state, row.answered_at = CoSigner.State.CONSENTED, clock.from_ms(record.now)
    row.save()
    body = {"registration": kept.id.hex, "co_signer": row.id.hex, "answer": row.state.value}
    record.append(entry_types.CO_SIGNER_ANSWERED, body)
    return row


def _ask_others(record: Writer, kept: Registration, left: Registration) -> None:
    """Ask the co-signers that had consented to join `left` whether they join `kept`."""
    known = {row.organization_key for row in kept.co_signers.all()} | {kept.organization_key}
    agreed = left.co_signers.filter(state=CoSigner.State.CONSENTED).exclude(email="")
    new = [
        joining.drawn_up(kept, NamedCoSigner(row.organization_name, row.email), is_brought=True)
        for row in agreed
        if row.organization_key not in known
    ]
    CoSigner.objects.bulk_create(new)
    joining.ask_all(record, kept, new)


def _gone() -> RegistrationRefused:
    return _unfit(_("These requests can no longer be joined."))


def _unfit(sentence: str) -> RegistrationRefused:
    return RegistrationRefused(Reason.UNFIT, sentence)


# ── What pages show ───────────────────────────────────────────────────────────────────────────
def proposals(hearing: Hearing) -> list[JoinProposal]:
    """Return all proposals of a hearing, the newest first; one query."""
    return list(_shown(JoinProposal.objects.filter(hearing=hearing)))


def of_registration(registration: Registration) -> list[JoinProposal]:
    """Return the proposals to a registration that are open or joined; one query."""
    theirs = Q(first__registration=registration) | Q(second__registration=registration)
    rows = JoinProposal.objects.filter(theirs, state__in=(State.OPEN, State.JOINED))
    return [row for row in _shown(rows) if row.state == State.JOINED or row.is_possible]


def _shown(rows: QuerySet[JoinProposal]) -> QuerySet[JoinProposal]:
    related = ("registration__organization", "registration__person", "segment__meeting")
    paths = [f"{place}__{name}" for place in ("first", "second") for name in related]
    return rows.select_related("hearing", *paths).order_by("-proposed_at", "id")
