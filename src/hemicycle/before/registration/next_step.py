"""The next step of a participant, with which the personal page begins."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from hemicycle.before.registration.models import Inscription, Registration
from hemicycle.before.registration.signals import Card, NextStep
from hemicycle.hearing.setup import outcome, queries
from hemicycle.hearing.setup.signals import PageLink
from hemicycle.record import clock
from hemicycle.record.floor import floor_of

SOON = timedelta(hours=1)
"""How long before a meeting its speakers are asked to take their seats."""

Status = Registration.Status


def next_step(
    registration: Registration,
    inscriptions: Sequence[Inscription],
    cards: Sequence[Card],
    *,
    seat: str,
    calendar: str,
) -> NextStep | None:
    """Return the next step; None for a registration that is no longer active.

    After the hearing, the participant is asked to see the outcome. From `SOON` before a meeting in
    which they speak, they are asked to take the seat at the address `seat`. Otherwise it is the
    first step of their `cards`. If no card has a step, they only wait, and can add the meetings to
    their calendar at the address `calendar`.
    """
    if not registration.is_live:
        return None
    hearing = registration.hearing
    sittings = queries.sittings(hearing, lambda meeting: floor_of(meeting.pk))
    if queries.phase(hearing, sittings) == "over":
        return _outcome(registration)
    now = clock.now()
    own = {row.segment.meeting_id for row in inscriptions if row.is_on_list}
    due = any(_is_due(sitting, now) for sitting in sittings if sitting.meeting.pk in own)
    if seat and due and not hearing.is_postponed:
        said = _("The meeting in which you speak is about to begin, or has begun.")
        return NextStep(said, PageLink(_("Go to my seat"), seat))
    asked = next((card.step for card in cards if card.step is not None), None)
    return asked or _waits(
        registration, [sitting.meeting.starts_at for sitting in sittings], calendar
    )


def _is_due(sitting: queries.Sitting, now: datetime) -> bool:
    if sitting.state in {"now", "suspended"}:
        return True
    return sitting.state == "upcoming" and sitting.meeting.starts_at - SOON <= now


def _outcome(registration: Registration) -> NextStep:
    hearing = registration.hearing
    found = [*outcome.said(hearing), *outcome.results(hearing)]
    thanks = _("The hearing is over. Thank you for taking part.")
    return NextStep(thanks, found[0] if found else None, more=tuple(found[1:]))


def _waits(registration: Registration, starts: Sequence[datetime], calendar: str) -> NextStep:
    if registration.status == Status.SUBMITTED or registration.lacks_proof:
        return NextStep(
            _("You do not need to do anything. The secretariat will decide and write to you.")
        )
    if registration.status == Status.WAITING:
        return NextStep(
            _("You do not need to do anything. We write to you as soon as a place becomes free.")
        )
    coming = [moment for moment in starts if moment > clock.now()]
    if registration.hearing.is_postponed or not coming:
        return NextStep(_("You do not need to do anything now."))
    return NextStep(
        _("You have done everything that is needed. The next meeting begins:"),
        PageLink(_("Add it to my calendar"), calendar),
        starts_at=min(coming),
    )
