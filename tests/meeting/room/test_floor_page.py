"""The secretariat's page of the floor: what is in the picture, and who else gets the program."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from hemicycle.hearing.setup.models import Hearing
from hemicycle.meeting.room import broadcasters, engine
from hemicycle.meeting.room.models import Broadcaster
from hemicycle.record import labels
from hemicycle.record.models import Entry

if TYPE_CHECKING:
    from tests.support.lists import World

pytestmark = pytest.mark.django_db
URL = "rtmp://live.example.org/app/s3cret"
SENT = {"add": "", "url": URL, "channel": "fr"}


def office(world: World) -> str:
    return f"/office/{world.hearing.slug}/floor/"


def fresh(world: World) -> Hearing:
    return Hearing.objects.get(pk=world.hearing.pk)


def told(world: World, *kinds: str) -> list[tuple[str, dict[str, Any]]]:
    rows = Entry.objects.filter(hearing=world.hearing.id, kind__in=kinds).order_by("seq")
    return [(row.kind, dict(row.fields())) for row in rows]


def test_plate_and_clock_are_moved_and_the_engine_told(world: World) -> None:
    sent = {"arrange": "", "plate": "beside", "clock": "burnt"}
    said = world.client().post(office(world), sent, follow=True).content.decode()
    assert "Saved. The picture changes within half a minute." in said
    assert engine.hearing_config(fresh(world))["picture"] == {"plate": "beside", "clock": "burnt"}
    assert told(world, "hearing.changed") == [("hearing.changed", {"fields": ["floor"]})]
    again = world.client().post(office(world), sent, follow=True).content.decode()
    assert "Nothing was changed." in again
    assert len(told(world, "hearing.changed")) == 1


def test_what_is_no_choice_is_refused_at_its_field(world: World) -> None:
    answer = world.client().post(office(world), {"arrange": "", "plate": "above", "clock": ""})
    said = answer.content.decode()
    assert (answer.status_code, fresh(world).plate) == (422, "burnt")
    assert "Choose an option." in said
    assert "not one of the available choices" in said


def test_a_broadcaster_is_added_told_to_the_engine_and_shown_masked(world: World) -> None:
    said = world.client().post(office(world), SENT, follow=True).content.decode()
    assert "rtmp://live.example.org/app/••••" in said
    assert "s3cret" not in said
    assert engine.hearing_config(world.hearing)["push"] == [{"url": URL, "language": "fr"}]
    made = Broadcaster.objects.get()
    body = {"broadcaster": made.id.hex, "protocol": "rtmp", "channel": "fr"}
    assert told(world, "broadcaster.added") == [("broadcaster.added", body)]
    assert labels.describe("broadcaster.added", body, {}) == (
        f"Another broadcaster ({made.id.hex[:8]}) gets the program by RTMP; sound: French."
    )
    assert "s3cret" not in "".join(Entry.objects.values_list("body", flat=True))


def test_whoever_is_removed_gets_nothing_and_the_address_is_forgotten(world: World) -> None:
    world.client().post(office(world), SENT)
    made = Broadcaster.objects.get()
    gone = [world.client().post(f"{office(world)}{made.id}/remove/") for _ in range(2)]
    assert [answer.status_code for answer in gone] == [302, 404]
    assert (engine.hearing_config(world.hearing)["push"], Broadcaster.objects.count()) == ([], 0)
    body = {"broadcaster": made.id.hex}
    assert told(world, "broadcaster.removed") == [("broadcaster.removed", body)]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"url": ""}, "Enter the address to send the program to."),
        ({"url": "https://live.example.org/x"}, "must begin with rtmp://, rtmps:// or srt://"),
        ({"channel": ""}, "Choose the sound to send with the picture."),
        ({"channel": "tlh"}, "not one of the available choices"),
    ],
)
def test_what_cannot_be_sent_to_gets_a_sentence_and_keeps_the_rest(
    world: World, change: dict[str, str], says: str
) -> None:
    answer = world.client().post(office(world), SENT | change)
    said = answer.content.decode()
    assert (answer.status_code, Broadcaster.objects.count()) == (422, 0)
    assert says in said
    typed = (SENT | change)["url"]
    assert f'value="{typed}"' in said if typed else 'value="fr" selected' in said


def test_an_address_is_taken_once_and_no_more_than_six(world: World) -> None:
    client = world.client()
    client.post(office(world), SENT)
    said = client.post(office(world), SENT | {"channel": "floor"}).content.decode()
    assert "The program is already sent to this address." in said
    for number in range(broadcasters.MOST):
        client.post(office(world), SENT | {"url": f"srt://in.example.org:{9000 + number}"})
    assert Broadcaster.objects.count() == broadcasters.MOST
    answer = client.post(office(world), SENT | {"url": "srt://in.example.org:9100"})
    assert "sent to 6 broadcasters" in answer.content.decode()


def test_a_channel_that_the_hearing_lost_is_told_and_not_sent(world: World) -> None:
    world.client().post(office(world), SENT)
    Hearing.objects.filter(pk=world.hearing.pk).update(languages=["en"])
    assert engine.hearing_config(fresh(world))["push"] == []
    assert "nothing is sent" in world.client().get(office(world)).content.decode()


def test_another_hearings_broadcaster_stays(world: World) -> None:
    made = Broadcaster.objects.create(hearing_id=UUID(int=1), url=URL, channel="fr", seq=1)
    world.client().post(f"{office(world)}{made.id}/remove/")
    assert Broadcaster.objects.get() == made
    assert told(world, "broadcaster.removed") == []


def test_the_file_carries_the_choice_and_no_address(world: World) -> None:
    world.client().post(office(world), SENT)
    world.client().post(office(world), {"arrange": "", "plate": "burnt", "clock": "beside"})
    text = (
        world.client().get(f"/office/{world.hearing.slug}/programme/hearing.toml").content.decode()
    )
    assert 'clock = "beside"' in text
    assert "live.example.org" not in text


@pytest.mark.parametrize(("where", "count"), [("burnt", 4), ("beside", 2)])
def test_the_hall_marks_what_the_picture_has_in_it(world: World, where: str, count: int) -> None:
    Hearing.objects.filter(pk=world.hearing.pk).update(plate=where, clock=where)
    said = world.client().get(f"/h/{world.hearing.slug}/hall/").content.decode()
    assert said.count("data-in-picture") == count
