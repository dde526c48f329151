"""No-objection lists before the missions: circulated, replaced, withdrawn, and recalled.

Each mission gets a copy with a link of its own. The secretariat sees first who gets a letter, in
which languages, and a sample (`plan`). The letters are held for `MAIL_HOLD_MINUTES`. Until the
first one is sent, `recall` stops all of them and undoes the circulation or withdrawal. `resend`
sends letters that have been cancelled in the outbox.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from uuid import UUID, uuid4

from django.db.models import Count, Min
from django.utils.translation import gettext as _

from hemicycle.before.accreditation import editions, entry_types, letters, objections
from hemicycle.before.accreditation.editions import RELATED, ListChanges
from hemicycle.before.accreditation.evidence import unfit
from hemicycle.before.accreditation.models import Edition, EditionCopy, Objection
from hemicycle.before.registration import links
from hemicycle.before.registration.models import Registration
from hemicycle.hearing.people.models import Organization, Person, TrackKind
from hemicycle.hearing.people.secrets import hash_secret
from hemicycle.hearing.setup.models import Hearing
from hemicycle.mail.outgoing import holding, lists
from hemicycle.mail.outgoing.models import Message
from hemicycle.mail.outgoing.texts import Text
from hemicycle.record import clock, writer
from hemicycle.ui import territories

MOST_RECIPIENTS = 2000
Status = Registration.Status


@dataclass(frozen=True, slots=True)
class Mission:
    """A mission that gets lists, with the address to which they are sent."""

    name: str
    country: str
    address: str
    language: str
    person: Person | None = None
    has_earlier: bool = False
    """Whether the mission already has a copy of the list that is being replaced or withdrawn."""


def recipients(hearing: Hearing, replaced: Edition | None = None) -> list[Mission]:
    """Return the missions that get a list: registered ones and those on distribution lists.

    Those with a copy of the `replaced` list come first. Each address appears once. At most
    `MOST_RECIPIENTS` missions are returned.
    """
    by_address: dict[str, Mission] = {}
    for mission in (*_with_copies(replaced), *_inscribed(hearing), *_on_lists(hearing)):
        if mission.address:
            by_address.setdefault(mission.address.casefold(), mission)
    return list(by_address.values())[:MOST_RECIPIENTS]


def _with_copies(edition: Edition | None) -> Iterator[Mission]:
    rows = EditionCopy.objects.filter(edition=edition).exclude(address="")
    for copy in rows.select_related("mission", "person").order_by("address", "pk"):
        body = copy.mission
        yield Mission(body.name, body.country, copy.address, copy.language, copy.person, True)


def _inscribed(hearing: Hearing) -> Iterator[Mission]:
    rows = Registration.objects.filter(
        Registration.taking_part(), hearing=hearing, kind=TrackKind.MISSIONS
    )
    for registration in rows.select_related("person", "organization").order_by("arrival"):
        person, body = registration.person, registration.organization
        yield Mission(body.name, body.country, person.email, person.language, person)


def _on_lists(hearing: Hearing) -> Iterator[Mission]:
    english = territories.missions("en")
    for line in lists.of_missions(hearing):
        name = line.organization or english.get(line.country, line.country)
        yield Mission(name, line.country, line.address, line.language or "en")


@dataclass
class CirculationPlan:
    """The letters about a list as they would be sent now: recipients, languages and texts."""

    edition: Edition
    missions: list[Mission]
    changes: ListChanges | None = None
    withdrawn_for: str | None = None
    """The reason for which the list is withdrawn; None for a list that is circulated."""
    _texts: dict[tuple[str, bool], Text] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """The number of letters."""
        return len(self.missions)

    @cached_property
    def samples(self) -> list[tuple[str, int, Text, Mission]]:
        """For each language: its code, the number of letters, the first letter, its recipient."""
        first: dict[str, tuple[Text, Mission]] = {}
        found: Counter[str] = Counter()
        for mission in self.missions:
            language = self._letter(mission).language
            found[language] += 1
            first.setdefault(language, (self._letter(mission), mission))
        return [(language, n, *first[language]) for language, n in found.most_common()]

    def _letter(self, mission: Mission) -> Text:
        """Return the sample letter that all missions with the same language and history share."""
        key = (mission.language, mission.has_earlier)
        if key not in self._texts:
            copy = _unsaved_copy(self.edition, mission)
            letter = letters.about(copy, self._changes_for(mission), self.withdrawn_for)
            self._texts[key] = letters.sample(letter)
        return self._texts[key]

    def _changes_for(self, mission: Mission) -> ListChanges | None:
        return self.changes if mission.has_earlier else None


def plan(edition: Edition) -> CirculationPlan:
    """Return the plan for circulating a list now."""
    to = recipients(edition.hearing, edition.replaces)
    return CirculationPlan(edition, to, editions.changes(edition))


def plan_withdrawal(edition: Edition, reason: str) -> CirculationPlan:
    """Return the plan for the letters that announce a withdrawal to all missions with a copy."""
    return CirculationPlan(edition, list(_with_copies(edition)), withdrawn_for=reason)


def circulate(*, edition: Edition, actor: writer.Actor, count: int | None = None) -> int:
    """Queue a held letter with the list to every mission; return the number of missions.

    A corrected list replaces the earlier one at once, and takes over the objections to the lines
    that stay. `count` is the number of letters that the officer saw. Raises `RegistrationRefused`
    if the list was circulated before, its deadline has passed, no mission has an address, the
    number has changed, or the list to be replaced is not before the missions.
    """
    hearing = edition.hearing
    with writer.writing(hearing.id, actor=actor) as record:
        edition.refresh_from_db()
        if not edition.is_draft or edition.is_over:
            raise unfit(_("This list has already been circulated, or its deadline has passed."))
        if edition.replaces and (not edition.replaces.is_out or held(edition.replaces).exists()):
            raise unfit(_("The list that this one corrects is not with the missions."))
        found = plan(edition)
        if not found.count:
            raise unfit(_("No mission has an address yet. Download the list and send it yourself."))
        _check_count(found, count)
        edition.circulated_at = clock.from_ms(record.now)
        key = _begun(edition, "circulated")
        editions.refer(record, edition)
        for mission in found.missions:
            copy = _copy(edition, mission)
            letter = letters.about(copy, found.changes if mission.has_earlier else None)
            letters.to_mission(letter, f"{key}{copy.id.hex}")
        _tell_applicants(edition, found.changes, key)
        body = {"edition": edition.id.hex, "recipients": found.count}
        record.append(entry_types.EDITION_CIRCULATED, body)
        if edition.replaces and found.changes:
            _replace(edition.replaces, edition, found.changes, record)
    return found.count


def _check_count(found: CirculationPlan, count: int | None) -> None:
    if count is not None and count != found.count:
        sentence = _(
            "Missions that would now get the letter: %(now)s. Check the recipients again, then "
            "confirm."
        )
        raise unfit(sentence % {"now": found.count})


def _tell_applicants(edition: Edition, changed: ListChanges | None, key: str) -> None:
    related = [f"registration__{name}" for name in RELATED]
    waiting = edition.lines.filter(registration__status=Status.SUBMITTED)
    for line in waiting.select_related(*related):
        once = f"{key}{line.registration_id.hex}"
        letters.listed(line.registration, edition, once)
    if changed and edition.replaces:
        _tell_unlisted(edition.replaces, key, [line.registration_id for line in changed.removed])


def _tell_unlisted(edition: Edition, key: str, registrations: list[UUID] | None = None) -> None:
    rows = Registration.objects.filter(listings__edition=edition, status=Status.SUBMITTED)
    if registrations is not None:
        rows = rows.filter(pk__in=registrations)
    for registration in rows.select_related(*RELATED).order_by("arrival"):
        letters.unlisted(registration, edition, f"{key}{registration.id.hex}")


def _replace(old: Edition, new: Edition, changed: ListChanges, record: writer.Writer) -> None:
    old.replaced_at = clock.from_ms(record.now)
    old.save(update_fields=["replaced_at"])
    moved = _move_objections(old, new)
    body = {"edition": old.id.hex, "successor": new.id.hex, "objections": moved}
    record.append(entry_types.EDITION_REPLACED, {**body, **changed.counts})


def _move_objections(old: Edition, new: Edition) -> int:
    """Move the objections to the lines of the same registrations; return how many moved."""
    lines = dict(new.lines.values_list("registration_id", "pk"))
    moved = 0
    for objection in Objection.objects.filter(line__edition=old).select_related("line"):
        if line := lines.get(objection.line.registration_id):
            objection.line_id = line
            objection.save(update_fields=["line"])
            moved += 1
    return moved


def _unsaved_copy(edition: Edition, mission: Mission) -> EditionCopy:
    return EditionCopy(
        id=uuid4(),
        edition=edition,
        mission=Organization(name=mission.name, country=mission.country),
        person=mission.person,
        address=mission.address,
        language=mission.language,
    )


def _copy(edition: Edition, mission: Mission) -> EditionCopy:
    copy = _unsaved_copy(edition, mission)
    copy.mission = objections.mission_of(mission.name, mission.country)
    copy.link_hash = hash_secret(links.derive(copy.id, 1))
    copy.save()
    return copy


def withdraw(
    *, edition: Edition, reason: str, actor: writer.Actor, count: int | None = None
) -> int:
    """Withdraw a circulated list and tell all missions that have a copy; return their number.

    The missions and the record get the `reason`; the registrations qualify for the next list, and
    the objections stay. Raises `RegistrationRefused` without a reason, and if the list is not
    before the missions, its letters can still be recalled, it is being corrected, or `count` is
    no longer the number of letters.
    """
    if not reason.strip():
        raise unfit(_("Give the reason. The missions read it."), "reason")
    with writer.writing(edition.hearing_id, actor=actor) as record:
        edition.refresh_from_db()
        if not edition.is_out:
            raise unfit(_("You can withdraw a list only while it is with the missions."))
        if held(edition).exists() or letters_left(edition).can_recall:
            raise unfit(_("The letters have not been sent yet: recall the list instead."))
        if editions.correction_of(edition):
            raise unfit(_("A corrected list has been created. Circulate or discard it first."))
        found = plan_withdrawal(edition, reason)
        _check_count(found, count)
        edition.withdrawn_at = clock.from_ms(record.now)
        key = _begun(edition, "withdrawn")
        for copy in edition.copies.exclude(address="").select_related("mission", "person"):
            letter = letters.about(copy, withdrawn_for=reason)
            letters.to_mission(letter, f"{key}{copy.id.hex}")
        _tell_unlisted(edition, key)
        body = {"edition": edition.id.hex, "recipients": found.count}
        record.append(entry_types.EDITION_WITHDRAWN, {**body, "reason": record.note(reason)})
    return found.count


def _begun(edition: Edition, what: str) -> str:
    """Save the start of an act; return the prefix of `Message.once` for all its letters.

    A repeated act has another prefix.
    """
    edition.act = uuid4().hex
    edition.save(update_fields=["circulated_at", "withdrawn_at", "act"])
    return _key(edition, what)


def _key(edition: Edition, what: str) -> str:
    return f"no-objection:{edition.id.hex}:{what}:{edition.act}:"


def _letters(edition: Edition) -> holding.Messages:
    """Return the letters of the last act, which was a circulation or a withdrawal."""
    key = _key(edition, "withdrawn" if edition.withdrawn_at else "circulated")
    return Message.objects.filter(hearing_id=edition.hearing_id, once__startswith=key)


def held(edition: Edition) -> holding.Messages:
    """Return the letters of the last act that are still held."""
    return holding.held(_letters(edition))


def held_until(edition: Edition) -> datetime | None:
    """Return until when the letters can be recalled; None if none is held."""
    first: datetime | None = held(edition).order_by().aggregate(at=Min("due_at"))["at"]
    return first


@dataclass(frozen=True, slots=True)
class LettersLeft:
    """The letters of the last act: how many wait, were cancelled or are gone."""

    waiting: int
    cancelled: int
    gone: int
    is_over: bool
    """Whether the act is over: what its letters say is no longer true."""

    @property
    def can_resend(self) -> bool:
        """Whether the cancelled letters can be sent."""
        return bool(self.cancelled) and not self.is_over

    @property
    def can_recall(self) -> bool:
        """Whether no letter has reached the mail server, so that the act can be undone."""
        return bool(self.waiting or self.cancelled) and not self.gone


def letters_left(edition: Edition) -> LettersLeft:
    """Count the letters of the last act, in one query."""
    rows = _letters(edition).order_by().values_list("state").annotate(number=Count("pk"))
    found = dict(rows)
    waiting = sum(found.pop(state, 0) for state in Message.WAITING)
    cancelled = found.pop(Message.State.CANCELLED, 0)
    is_out = bool(edition.withdrawn_at) or (edition.is_out and not edition.is_over)
    return LettersLeft(waiting, cancelled, sum(found.values()), is_over=not is_out)


def why_not_again(message: Message) -> str:
    """Return the reason why a letter about a list must not be sent again.

    Return "" if it may be sent, or is not about a list. The copies of a recalled list are deleted,
    so the links in its letters no longer work.
    """
    key, _colon, rest = (message.once or "").partition(":")
    if key != "no-objection":
        return ""
    edition = Edition.objects.filter(pk=UUID(hex=rest.split(":")[0])).first()
    if edition is None or not edition.act or not _letters(edition).filter(pk=message.pk).exists():
        return _(
            "The list in this letter was recalled or has changed, so the link in the letter no "
            "longer works."
        )
    if letters_left(edition).is_over:
        return _(
            "The list in this letter has been closed or replaced, so the letter cannot be sent "
            "again."
        )
    return ""


def recall(*, edition: Edition, actor: writer.Actor) -> int:
    """Stop the letters of the last act and undo it; return how many letters were stopped.

    Raises `RegistrationRefused` once a letter was sent, an objection has been received, the list
    was closed or replaced, or its organizations are on a later list.
    """
    with writer.writing(edition.hearing_id, actor=actor) as record:
        edition.refresh_from_db()
        if edition.closed_at or edition.replaced_at:
            raise unfit(_("This list has been closed or replaced. It can no longer be recalled."))
        stopped = holding.stop(_letters(edition))
        # Check after stopping: until then, a sender may take up one of them.
        if not letters_left(edition).can_recall:
            raise unfit(_("These letters have been sent. The list can no longer be recalled."))
        _check_free(edition)
        if edition.withdrawn_at:
            edition.withdrawn_at = None
        else:
            _undo_circulation(edition)
        edition.act = ""
        edition.save(update_fields=["circulated_at", "withdrawn_at", "act"])
        record.append(entry_types.EDITION_RECALLED, {"edition": edition.id.hex, "letters": stopped})
    return stopped


def _check_free(edition: Edition) -> None:
    """Raise `RegistrationRefused` if organizations have since been put on another list."""
    own = [edition.id, edition.replaces_id]
    returning = edition.id if edition.withdrawn_at else edition.replaces_id
    others = Edition.objects.filter(Edition.STANDING).exclude(pk__in=[pk for pk in own if pk])
    elsewhere = others.filter(lines__registration__listings__edition=returning)
    if returning and elsewhere.exists():
        raise unfit(_("Organizations of this list are on a later one. Discard that one first."))


def _undo_circulation(edition: Edition) -> None:
    since = Objection.objects.filter(
        line__edition=edition, entered_at__gte=edition.circulated_at or edition.frozen_at
    )
    if since.exists():
        sentence = _("An objection has already been received. The list can no longer be recalled.")
        raise unfit(sentence)
    edition.circulated_at = None
    edition.copies.all().delete()
    if old := edition.replaces:
        _move_objections(edition, old)
        old.replaced_at = None
        old.save(update_fields=["replaced_at"])


def release(*, edition: Edition, actor: writer.Actor) -> int:
    """Send the held letters now; return how many. Raises `RegistrationRefused` if none is held."""
    with writer.writing(edition.hearing_id, actor=actor) as record:
        if not (number := holding.release(held(edition))):
            raise unfit(_("These letters are no longer waiting to be sent."))
        body = {"edition": edition.id.hex, "letters": number}
        record.append(entry_types.EDITION_RELEASED, body)
    return number


def resend(*, edition: Edition, actor: writer.Actor) -> int:
    """Send the letters of the last act that were cancelled; return how many.

    Raises `RegistrationRefused` if none was cancelled, and for a list that is over, closed or
    replaced.
    """
    with writer.writing(edition.hearing_id, actor=actor) as record:
        edition.refresh_from_db()
        if not letters_left(edition).can_resend:
            raise unfit(_("None of these letters can be sent any more."))
        number = holding.resume(_letters(edition))
        body = {"edition": edition.id.hex, "letters": number}
        record.append(entry_types.EDITION_RELEASED, body)
    return number
