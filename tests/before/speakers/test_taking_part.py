"""Only accepted people are listed publicly, called, sent letters, seated and published."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from hemicycle.before.registration import links, review
from hemicycle.before.registration.demand import over_subscriptions
from hemicycle.before.registration.lists import addressee
from hemicycle.before.registration.models import Inscription, Registration
from hemicycle.before.speakers import day_before
from hemicycle.before.speakers.queries import list_of_speakers, slots_for_floor
from hemicycle.hearing.people.models import TrackKind
from hemicycle.hearing.setup.models import Hearing
from hemicycle.mail.outgoing.models import Message
from hemicycle.mail.outgoing.signals import Addressee
from hemicycle.meeting.room.letters import FLOOR_LINK
from hemicycle.procedure import commands as c
from hemicycle.record import clock
from hemicycle.record.floor import floor_of
from tests.support.lists import World

pytestmark = pytest.mark.django_db
ABUSE = "Shame On All Of You"


@pytest.fixture
def published(world: World) -> World:
    """The reference hearing with public lists; registrations are not accepted automatically."""
    Hearing.objects.filter(pk=world.hearing.pk).update(public_list=True)
    world.hearing.refresh_from_db()
    world.accepts = False
    return world


def decided(world: World, registration: Registration, outcome: str = "accepted") -> None:
    review.decide(
        hearing=world.hearing,
        chosen=[registration.pk],
        outcome=Registration.Status(outcome),
        reason="",
        decided_by=world.secretary,
        actor=world.office,
    )


def public_pages(world: World) -> tuple[str, str]:
    slug = world.hearing.slug
    client = Client()
    page = client.get(reverse("speakers:public", args=(slug,))).text
    return page, client.get(f"/api/v1/hearings/{slug}/speakers").text


def test_text_of_an_undecided_registration_is_not_published(published: World) -> None:
    abusive = published.ngo(ABUSE, 0, consents_to_list="on")
    assert [ABUSE in shown for shown in public_pages(published)] == [False, False]
    decided(published, abusive)
    assert [ABUSE in shown for shown in public_pages(published)] == [True, True]


@pytest.mark.parametrize(
    "lacking", [{"confirmed_at": None}, {"kind": TrackKind.MISSIONS, "vouched_by": ""}]
)
def test_an_accepted_registration_that_nobody_confirmed_or_proved_is_not_listed(
    published: World, lacking: dict[str, object]
) -> None:
    row = published.ngo("Ngo A", 0, accepted=True, consents_to_list="on")
    panel = published.panels[0]
    assert ["Ngo A" in shown for shown in public_pages(published)] == [True, True]
    Registration.objects.filter(pk=row.pk).update(**lacking)
    assert ["Ngo A" in shown for shown in public_pages(published)] == [False, False]
    assert not list_of_speakers(panel)
    assert not [slot for slot in slots_for_floor(panel) if slot.track != "panel"]


def test_an_undecided_registration_is_not_counted_in_public(published: World) -> None:
    published.ngo("Ngo A", 0)
    assert over_subscriptions(published.panels)[0].inscribed == 0


def test_an_undecided_registration_is_not_called(published: World) -> None:
    undecided = published.ngo("Ngo A", 0)
    accepted = published.ngo("Ngo B", 0, accepted=True)
    place = published.inscription(accepted).pk
    panel = published.panels[0]
    assert [line.inscription.pk for line in list_of_speakers(panel)] == [place]
    assert [slot.id for slot in slots_for_floor(panel) if slot.track != "panel"] == [place.hex]
    decided(published, undecided)
    assert len(list_of_speakers(panel)) == 2


def test_the_secretariat_sees_who_is_undecided(published: World) -> None:
    published.ngo("Ngo A", 0)
    page = reverse("speakers:list", args=(published.hearing.slug, published.panels[0].pk))
    html = published.client().get(page).text
    assert "Ngo A" in html
    assert "received" in html


def test_no_letter_the_day_before_for_an_undecided_registration(published: World) -> None:
    undecided = published.ngo("Ngo A", 0)
    begins = published.panels[0].starts_at - timedelta(hours=12)
    published.clock.move_to(clock.to_ms(begins))
    assert day_before.tell() == 0
    decided(published, undecided)
    assert day_before.tell() == 1
    letters = Message.objects.filter(person=undecided.person, purpose=Message.Purpose.FORECAST)
    assert letters.count() == 1


def test_no_link_to_the_floor_for_an_undecided_registration(published: World) -> None:
    undecided = published.ngo("Ngo A", 0)

    def floor_link() -> object:
        fresh = Registration.objects.select_related("person", "organization", "hearing")
        to: Addressee = addressee(fresh.get(pk=undecided.pk))
        assert FLOOR_LINK.personal is not None
        return FLOOR_LINK.personal(published.hearing, to)

    assert floor_link() is None
    decided(published, undecided)
    assert floor_link() is not None


def test_an_undecided_registration_has_no_seat_and_no_pass(published: World) -> None:
    undecided = published.ngo("Ngo A", 0)
    secret = links.secret_of(undecided)
    seat = reverse("room:seat", args=(published.hearing.slug, secret))
    passes = reverse("room:pass", args=(published.hearing.slug, secret))
    client = Client()
    assert "no seat" in client.get(seat).text.casefold()
    answers = [client.post(passes, {"use": use}) for use in ("practice", "listen", "publish")]
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [
        (403, "not_accepted")
    ] * 3
    decided(published, undecided)
    assert client.post(passes, {"use": "listen"}).status_code == 200


def test_one_who_is_accepted_while_the_panel_is_open_joins_its_list(published: World) -> None:
    undecided = published.ngo("Ngo A", 0)
    published.open_panel()
    meeting, slot = published.panels[0].meeting_id, published.inscription(undecided).pk.hex
    assert slot not in floor_of(meeting).slots
    decided(published, undecided)
    assert floor_of(meeting).order[-1] == slot


def test_who_registers_while_the_panel_is_open_is_called_once_accepted(published: World) -> None:
    published.hearing.deadlines.update(at=published.panels[0].ends_at)
    published.open_panel()
    late = published.ngo("Ngo A", 0)
    meeting, slot = published.panels[0].meeting_id, published.inscription(late).pk.hex
    assert slot not in floor_of(meeting).slots
    decided(published, late)
    assert floor_of(meeting).order[-1] == slot


def test_undoing_an_act_takes_no_place_from_the_undecided(published: World) -> None:
    undecided = published.ngo("Ngo A", 0)
    published.ngo("Ngo B", 0, accepted=True)
    published.open_panel()
    published.press(c.CloseList())
    published.press(c.Undo())
    assert published.inscription(undecided).state == Inscription.State.INSCRIBED


def test_a_closed_list_takes_nobody_and_the_acceptance_stands(published: World) -> None:
    undecided = published.ngo("Ngo A", 0)
    published.open_panel()
    published.press(c.CloseList())
    decided(published, undecided)
    undecided.refresh_from_db()
    assert undecided.status == Registration.Status.ACCEPTED
    slot = published.inscription(undecided).pk.hex
    assert slot not in floor_of(published.panels[0].meeting_id).slots


def test_who_was_accepted_while_the_list_was_closed_joins_when_it_opens_again(
    published: World,
) -> None:
    undecided = published.ngo("Ngo A", 0)
    published.open_panel()
    published.press(c.CloseList())
    decided(published, undecided)
    published.press(c.ReopenList())
    slot = published.inscription(undecided).pk.hex
    assert floor_of(published.panels[0].meeting_id).order[-1] == slot
