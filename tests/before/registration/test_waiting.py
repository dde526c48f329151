"""Waiting lists: who waits, who moves up, who is notified, and that nobody is overtaken."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hemicycle.before.registration import changes, links, review, waiting
from hemicycle.before.registration.access import actor_of
from hemicycle.before.registration.models import Inscription, Registration, Waiting
from hemicycle.before.registration.refusals import Reason, RegistrationRefused
from hemicycle.before.registration.standing import RegistrationStatus
from hemicycle.hearing.setup import actions as hearings
from hemicycle.hearing.setup import document_mapping
from hemicycle.hearing.setup.models import Category, Segment
from hemicycle.mail.outgoing.models import Message
from hemicycle.procedure import commands as c
from hemicycle.procedure.refusals import Refused as FloorRefused
from hemicycle.record.floor import floor_of
from hemicycle.record.models import Entry
from tests.support.examples import examples

if TYPE_CHECKING:
    from tests.support.lists import World

pytestmark = pytest.mark.postgresql("locks")

Status = Registration.Status


def full_panel(world: World, places: int = 1, number: int = 0) -> Segment:
    Segment.objects.filter(pk=world.panels[number].pk).update(
        max_inscriptions=places, waiting_list=True
    )
    return world.panels[number]


def small_category(world: World, places: int = 1) -> None:
    Category.objects.filter(hearing=world.hearing, key="civil-society").update(
        max_registrations=places, waiting_list=True
    )


def refuse(world: World, registration: Registration) -> None:
    decide(world, registration, Status.REFUSED)


def decide(world: World, registration: Registration, outcome: RegistrationStatus) -> None:
    review.decide(
        hearing=world.hearing,
        chosen=[registration.id],
        outcome=outcome,
        reason="A reason.",
        decided_by=world.secretary,
        actor=world.office,
    )


def withdraw(registration: Registration, *panels: Segment) -> None:
    changes.withdraw(
        registration=registration,
        segments=tuple(panel.id for panel in panels),
        reason="",
        actor=actor_of(registration),
    )


def on_list(segment: Segment) -> list[str]:
    live = Inscription.objects.filter(segment=segment, state="inscribed").order_by("place")
    return list(live.values_list("registration__organization__name", flat=True))


def in_line(segment: Segment) -> list[str]:
    rows = Waiting.objects.filter(segment=segment).order_by("registration__arrival")
    return list(rows.values_list("registration__organization__name", flat=True))


def told(registration: Registration) -> set[str]:
    """Return the subjects of a person's letters; they have no order, as the clock stands still."""
    sent = Message.objects.filter(person=registration.person)
    return {message.subject.partition(": ")[2] for message in sent}


def test_who_comes_when_the_panel_is_full_waits_and_moves_up_in_order(world: World) -> None:
    panel = full_panel(world)
    first, second, third = (world.ngo(name, 0) for name in ("A", "B", "C"))
    assert (on_list(panel), in_line(panel)) == (["A"], ["B", "C"])
    assert [wait.words for wait in waiting.waits_of(third)] == [
        f"The list of speakers is full. You are number 2 on the waiting list: {panel.title}"
    ]
    withdraw(first)
    assert (on_list(panel), in_line(panel)) == (["B"], ["C"])
    assert "you have moved up from the waiting list" in told(second)
    assert told(third) == {
        "confirm your registration",
        f"registration received, {third.reference}",
    }
    refuse(world, second)
    assert (on_list(panel), in_line(panel)) == (["C"], [])
    kinds = Entry.objects.filter(hearing=world.hearing.id, kind__startswith="registration.")
    assert list(kinds.order_by("seq").values_list("kind", flat=True)) == [
        *("registration.received", "registration.confirmed"),
        *("registration.received", "registration.waits", "registration.confirmed") * 2,
        *("registration.withdrawn", "registration.promoted"),
        *("registration.decided", "registration.promoted"),
    ]


def test_without_a_waiting_list_a_full_panel_refuses_as_before(world: World) -> None:
    Segment.objects.filter(pk=world.panels[0].pk).update(max_inscriptions=1)
    world.ngo("A", 0)
    with pytest.raises(RegistrationRefused) as refused:
        world.ngo("B", 0)
    assert refused.value.reason is Reason.PANEL_FULL
    assert Registration.objects.count() == 1


def test_a_whole_registration_waits_for_its_category(world: World) -> None:
    small_category(world)
    first, second = world.ngo("A", 0), world.ngo("B", 0, 1)
    assert (first.status, second.status) == ("submitted", "waiting-list")
    assert (on_list(world.panels[0]), in_line(world.panels[0])) == (["A"], ["B"])
    with pytest.raises(RegistrationRefused) as refused:
        decide(world, second, Status.ACCEPTED)
    assert refused.value.reason is Reason.WAITS
    withdraw(first)
    second.refresh_from_db()
    assert second.status == "submitted"
    assert on_list(world.panels[0]) == on_list(world.panels[1]) == ["B"]
    letters = Message.objects.filter(person=second.person, subject__contains="moved up")
    (letter,) = letters
    assert [part for part in letter.body.splitlines() if "place" in part] == [
        "A place has become free, and your registration has moved up from the waiting list.",
        f"You now have a place on the list of speakers in: {world.panels[0].title}",
        f"You now have a place on the list of speakers in: {world.panels[1].title}",
    ]


def test_an_organizations_next_representative_waits_for_its_own(world: World) -> None:
    world.hearing.max_per_organization = 1
    world.hearing.save()
    Category.objects.filter(key="civil-society").update(waiting_list=True)
    first, second, other = world.ngo("A"), world.ngo("A"), world.ngo("B")
    assert [registration.status for registration in (first, second, other)] == [
        *("submitted", "waiting-list", "submitted"),
    ]
    withdraw(other)
    second.refresh_from_db()
    assert second.status == "waiting-list"
    withdraw(first)
    second.refresh_from_db()
    assert second.status == "submitted"


def test_more_places_go_to_those_who_wait(world: World) -> None:
    panel = full_panel(world)
    for name in "ABCD":
        world.ngo(name, 0)
    document = document_mapping.to_document(hearings.whole(world.hearing.id))
    segments = [segment for meeting in document["meetings"] for segment in meeting["segments"]]
    next(segment for segment in segments if segment["title"] == panel.title)["max_inscriptions"] = 3
    hearings.change(hearing=world.hearing, data=document, actor=world.office)
    assert (on_list(panel), in_line(panel)) == (["A", "B", "C"], ["D"])


def test_a_wait_can_be_given_up_alone(world: World) -> None:
    panel = full_panel(world)
    world.ngo("A", 0)
    both = world.ngo("B", 0, 1)
    withdraw(both, panel)
    both.refresh_from_db()
    assert (in_line(panel), on_list(world.panels[1]), both.is_live) == ([], ["B"], True)


def test_a_refusal_that_is_reversed_waits_where_the_panel_has_filled_up(world: World) -> None:
    panel = full_panel(world)
    first, _second = world.ngo("A", 0), world.ngo("B", 0)
    refuse(world, first)
    assert on_list(panel) == ["B"]
    decide(world, first, Status.ACCEPTED)
    assert (on_list(panel), in_line(panel)) == (["B"], ["A"])


def test_a_mission_waits_once(world: World) -> None:
    panel = full_panel(world)
    world.mission("France", 0)
    world.mission("Ghana", 0)
    with pytest.raises(RegistrationRefused) as refused:
        world.mission("Ghana", 0)
    assert refused.value.reason is Reason.INSCRIBED_ALREADY
    assert in_line(panel) == ["Ghana"]


def test_the_personal_page_says_where_one_stands(world: World) -> None:
    full_panel(world)
    small_category(world, 2)
    _first, second, third = (world.ngo(name, 0) for name in "ABC")
    client = world.client(second.person)
    page = client.get(f"/my/{links.secret_of(second)}/").content.decode()
    assert "You are number 1 on the waiting list" in page
    page = client.get(f"/my/{links.secret_of(third)}/").content.decode()
    assert "All places are taken. Your registration is number 1 on the waiting list." in page
    assert "You are number 2 on the waiting list" in page


ACTS = st.lists(
    st.tuples(
        st.sampled_from(("come", "come", "withdraw", "leave", "refuse", "reverse", "more")),
        st.integers(0, 11),
        st.integers(0, 1),
    ),
    min_size=4,
    max_size=12,
)


@examples(15)
@given(acts=ACTS, places=st.integers(1, 3), cap=st.integers(1, 4))
def test_never_oversold_never_skipped(
    world: World, acts: list[tuple[str, int, int]], places: int, cap: int
) -> None:
    from django.db import transaction

    with transaction.atomic():
        full_panel(world, places, 0)
        full_panel(world, places, 1)
        small_category(world, cap)
        seen: list[Registration] = []
        for act, who, panel in acts:
            _act(world, seen, act, who, panel)
            _holds(world)
        transaction.set_rollback(True)


def _act(world: World, seen: list[Registration], act: str, who: int, panel: int) -> None:
    if act == "come" or not seen:
        seen.append(world.ngo(f"Body {len(seen)}", *((0, 1) if who % 3 == 0 else (panel,))))
        return
    one = seen[who % len(seen)]
    one.refresh_from_db()
    if act == "more":
        Segment.objects.filter(pk=world.panels[panel].pk).update(max_inscriptions=4)
        alive = Registration.objects.filter(status__in=Registration.LIVE)
        for registration in alive.order_by("arrival")[:1]:  # any act fills free places
            withdraw(registration)
    elif act in {"withdraw", "leave"} and one.is_live:
        withdraw(one, *([world.panels[panel]] if act == "leave" else []))
    elif act == "refuse" and one.is_live:
        refuse(world, one)
    elif act == "reverse" and one.status == Status.REFUSED:
        try:
            decide(world, one, Status.ACCEPTED)
        except RegistrationRefused as refused:
            assert refused.reason is Reason.CATEGORY_FULL  # noqa: PT017 - no other reason is right


def _holds(world: World) -> None:
    category = Category.objects.get(hearing=world.hearing, key="civil-society")
    registrations = Registration.objects.filter(category=category)
    taken = registrations.filter(status__in=Registration.PLACED).count()
    waits = registrations.filter(status=Status.WAITING).exists()
    assert taken <= (category.max_registrations or 0)
    assert not waits or taken == category.max_registrations
    for panel in Segment.objects.filter(pk__in=[panel.pk for panel in world.panels]):
        live = Inscription.objects.filter(segment=panel, state="inscribed")
        line = Waiting.objects.filter(segment=panel, registration__status__in=Registration.PLACED)
        assert live.count() <= (panel.max_inscriptions or 0)
        assert not line.exists() or live.count() == panel.max_inscriptions
        speakers = panel.inscriptions.filter(state="inscribed")
        assert set(speakers.values_list("registration", flat=True)) == set(
            live.values_list("registration", flat=True)
        )


def joined(world: World, panel: int = 0) -> list[str]:
    """Return the organizations to be called on the open floor, in order."""
    floor = floor_of(world.panels[panel].meeting_id)
    rows = {row.id.hex: row.registration.organization.name for row in Inscription.objects.all()}
    stands = [slot for slot in floor.order if floor.slots[slot].state != "withdrawn"]
    return [rows[slot] for slot in stands if slot in rows]


def test_a_place_that_falls_free_on_the_open_floor_goes_to_who_waits(world: World) -> None:
    world.accepts, panel = True, full_panel(world, 2)
    first, second, third, *_others = (world.ngo(name, 0) for name in "ABCDE")
    world.open_panel()
    world.press(c.WithdrawSlot(world.inscription(first).id.hex))  # the moderator withdraws it
    assert (joined(world), on_list(panel), in_line(panel)) == (["B", "C"], ["B", "C"], ["D", "E"])
    withdraw(second)  # the speaker withdraws
    assert (joined(world), on_list(panel), in_line(panel)) == (["C", "D"], ["C", "D"], ["E"])
    refuse(world, third)
    assert (joined(world), on_list(panel), in_line(panel)) == (["D", "E"], ["D", "E"], [])
    assert told(third) >= {
        f"registration received, {third.reference}",
        "you have moved up from the waiting list",
    }


def test_while_the_list_is_closed_nobody_moves_up_and_then_they_do(world: World) -> None:
    world.accepts, panel = True, full_panel(world)
    first, second, third = (world.ngo(name, 0) for name in "ABC")
    world.open_panel()
    world.press(c.CloseList())
    withdraw(first)
    assert (joined(world), on_list(panel), in_line(panel)) == ([], [], ["B", "C"])
    assert not Inscription.objects.filter(registration=second).exists()  # no inscription exists yet
    inscribed = Entry.objects.filter(hearing=world.hearing.id, kind="speaker.inscribed")
    assert inscribed.count() == 1
    world.press(c.ReopenList())
    assert (joined(world), on_list(panel), in_line(panel)) == (["B"], ["B"], ["C"])
    with pytest.raises(FloorRefused, match="joined"):
        world.press(c.Undo())
    assert (joined(world), in_line(panel)) == (["B"], ["C"])
    assert told(third) == {
        "confirm your registration",
        f"registration received, {third.reference}",
    }


def test_a_moderators_withdrawal_undone_gives_the_place_back(world: World) -> None:
    world.accepts, panel = True, full_panel(world)
    first = world.ngo("A", 0)
    world.open_panel()
    world.press(c.WithdrawSlot(world.inscription(first).id.hex))
    assert (joined(world), on_list(panel)) == ([], [])
    world.press(c.Undo())
    assert (joined(world), on_list(panel)) == (["A"], ["A"])
