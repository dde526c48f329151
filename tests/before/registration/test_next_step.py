"""The personal page begins with the next step: what to do, by when, and one button."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.test import Client
from selectolax.lexbor import LexborHTMLParser

from hemicycle.before.registration import changes, links
from hemicycle.before.registration.access import actor_of
from hemicycle.before.registration.models import Registration
from hemicycle.before.statements import actions as statements
from hemicycle.hearing.setup.models import Hearing
from hemicycle.meeting.room.models import Check
from hemicycle.record import clock

if TYPE_CHECKING:
    from tests.support.lists import World


def step(client: Client, row: Registration) -> tuple[str, str]:
    """Return the text of the first section below the title, and the path of its button."""
    page = LexborHTMLParser(client.get(f"/my/{links.secret_of(row)}/").content.decode())
    section = page.css_first("header.title ~ section")
    assert section is not None
    assert section.id == "next"
    button = section.css_first(".btn")
    path = (button.attributes["href"] or "") if button else ""
    return " ".join(section.text(separator=" ").split()), path


def checked(row: Registration) -> None:
    figures = {"level_db": -20, "echo_db": -40, "rtt_ms": 40, "loss": 0, "camera": True}
    Check.objects.create(
        hearing_id=row.hearing_id, person_id=row.person_id, passed_at=clock.now(), **figures
    )


def hand_in(row: Registration) -> None:
    statements.hand_in(
        registration=row,
        inscription=row.inscriptions.select_related("segment").get(),
        file_name="text.txt",
        data=b"Clean water is a right.",
        by=row.person,
        actor=actor_of(row),
    )


def test_somebody_who_waits_for_the_decision_has_nothing_to_do(
    world: World, client: Client
) -> None:
    words, button = step(client, world.ngo("River Watch", 0))
    assert ("The secretariat will decide and write to you." in words, button) == (True, "")


def test_a_speaker_is_asked_for_the_text_the_check_and_then_for_nothing(
    world: World, client: Client
) -> None:
    row = world.ngo("River Watch", 0, accepted=True)
    my, place = f"/my/{links.secret_of(row)}/", row.inscriptions.get()
    words, button = step(client, row)
    assert button == f"{my}statement/{place.pk}/"
    assert "13 July 2021" in words  # the date by which the text is needed: before the panel
    hand_in(row)
    assert step(client, row)[1] == f"{my}practice/"
    checked(row)
    words, button = step(client, row)
    assert button == f"{my}hearing.ics"
    assert "The next meeting begins: Tuesday, 13 July 2021, 10:00" in words


def test_the_deadline_for_statements_comes_before_the_panel(world: World, client: Client) -> None:
    row = world.ngo("River Watch", 0, accepted=True)
    closes = clock.from_ms(clock.now_ms() + 2 * 86_400_000)
    Hearing.objects.filter(pk=row.hearing_id).update(statements_close_at=closes)
    assert "closes in 2 days" in step(client, row)[0]


def test_in_the_hour_before_the_meeting_the_seat_is_first(world: World, client: Client) -> None:
    row = world.ngo("River Watch", 0, accepted=True)
    starts = clock.to_ms(world.panels[0].meeting.starts_at)
    seat = f"/h/2021-trafficking/seat/{links.secret_of(row)}/"
    world.clock.move_to(starts - 3_601_000)
    assert step(client, row)[1] != seat
    world.clock.move_to(starts - 3_600_000)
    assert step(client, row)[1] == seat
    page = client.get(f"/my/{links.secret_of(row)}/").content.decode()
    assert page.count(seat) == 1


def test_an_ended_hearing_leads_with_its_outcome(world: World, client: Client) -> None:
    row = world.ngo("River Watch", 0, accepted=True)
    Hearing.objects.filter(pk=row.hearing_id).update(
        status=Hearing.Status.ENDED, ended_at=clock.now()
    )
    words, button = step(client, row)
    assert button == "/h/2021-trafficking/live/"
    assert "Published statements" in words


def test_after_a_withdrawal_nothing_is_to_be_done(world: World, client: Client) -> None:
    row = world.ngo("River Watch", 0, accepted=True)
    hand_in(row)
    changes.withdraw(registration=row, reason="", actor=actor_of(row))
    page = LexborHTMLParser(client.get(f"/my/{links.secret_of(row)}/").content.decode())
    assert page.css_first("#next") is None
    main = page.css_first("main")
    assert main is not None
    for gone in ("Submit", "Set the title", "publish it", "Allow publication"):
        assert gone not in main.text()
