"""The frame of letters: a greeting before the text; the sender and the hearing after it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from django.utils.translation import override

from hemicycle.mail.outgoing import frame
from hemicycle.mail.outgoing.actions import queue
from hemicycle.mail.outgoing.delivery import mail
from hemicycle.mail.outgoing.models import Message
from hemicycle.mail.outgoing.texts import built_in_text, known_letters
from hemicycle.record import clock
from hemicycle.ui import times

if TYPE_CHECKING:
    from tests.support.lists import World

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("language", ["en", "ar"])
def test_every_built_in_letter_begins_with_a_greeting(language: str) -> None:
    for key, letter in known_letters().items():
        body = built_in_text(letter, language).body
        assert body.startswith("{greeting}\n\n"), key
        assert body.count("{greeting}") == 1, key


def test_a_greeting_names_its_reader_or_nobody() -> None:
    assert frame.greeting(" Ana\n Ruiz ") == "Dear Ana Ruiz,"
    assert frame.greeting("  ") == "Hello,"
    with override("ar"):
        assert frame.greeting("Ana Ruiz") == "السيد/السيدة \u2068Ana Ruiz\u2069،"


def test_a_receipt_greets_and_a_confirmation_repeats_no_stranger(world: World) -> None:
    row = world.ngo("Open Doors", 0, speaker="Ana Ruiz")
    letters = {message.purpose: message for message in Message.objects.filter(person=row.person)}
    assert letters[Message.Purpose.RECEIPT].body.startswith("Dear Ana Ruiz,\n\n")
    confirmation = letters[Message.Purpose.CONFIRMATION].body
    assert confirmation.startswith("Hello,\n\n")
    assert "Ana" not in confirmation


def test_mail_ends_with_its_sender_the_hearing_its_dates_and_whom_to_ask(world: World) -> None:
    hearing = world.hearing
    message = queue(
        hearing_id=hearing.id,
        purpose=Message.Purpose.DECISION,
        subject="News",
        body="Good day.",
        address="ana@example.org",
    )
    assert message is not None
    text, end = mail.plain(message, hearing), frame.meetings(hearing)
    box = hearing.mailboxes["information"]
    page = f"http://localhost:8000/h/{hearing.slug}/?lang=en"
    assert text == (
        f"Good day.\n\nThe secretariat of the hearing\n{hearing.title}\n{frame.together(end)}\n\n"
        f"Questions? Write to {box}\n\nThe hearing’s page: {page}\n"
    )
    assert "13 July 2021, 10:00 (New York time), 14:00 UTC" in end
    html = mail.as_html(message, hearing)
    assert "The secretariat of the hearing" in html
    hearing.postponed_at = clock.now()
    postponed = mail.plain(message, hearing)
    assert "The hearing is postponed. New dates will be announced." in postponed
    assert frame.together(end) not in postponed


def test_dates_that_the_text_tells_are_not_told_again(world: World) -> None:
    hearing = world.hearing
    dates = frame.meetings(hearing)
    assert frame.framed(f"When:\n{dates}", hearing, "").count(dates) == 1


def test_a_moment_is_told_in_both_zones(world: World) -> None:
    hearing = world.hearing
    assert (
        frame.when(datetime(2021, 7, 10, 3, 59, tzinfo=UTC), hearing)
        == "9 July 2021, 23:59 (New York time), 10 July 2021, 03:59 UTC"
    )
    with times.reading_in("Africa/Nairobi"):
        assert (
            frame.when(datetime(2021, 7, 10, 3, 59, tzinfo=UTC), hearing)
            == "9 July 2021, 23:59 (New York time), 10 July 2021, 06:59 your time"
        )
    hearing.time_zone = "UTC"
    assert frame.when(datetime(2021, 7, 10, 3, 59, tzinfo=UTC), hearing) == (
        "10 July 2021, 03:59 (UTC)"
    )


def test_a_letter_ends_with_the_dates_in_its_readers_own_zone(world: World) -> None:
    row = world.ngo("Open Doors", 0)
    row.person.time_zone = "Africa/Nairobi"
    row.person.save()
    message = Message.objects.filter(person=row.person).latest("queued_at")
    message.body = "Good day."
    own = frame.together("13 July 2021, 10:00 (New York time), 17:00 your time")
    assert own in mail.plain(message, world.hearing)
    assert own in mail.as_html(message, world.hearing)
    message.body = f"When:\n{frame.meetings(world.hearing)}"  # as in a letter to many
    assert mail.plain(message, world.hearing).count(frame.together("13 July 2021")) == 2


@pytest.mark.parametrize(
    ("language", "bound"),
    [
        ("en", "13~July~2021, 10:00~(New~York~time), 14:00~UTC"),
        ("fr", "13~juillet~2021, 10:00~(heure~locale~à~New~York), 14:00~UTC"),
        ("es", "13~de~julio~de~2021, 10:00~(hora~de~Nueva~York), 14:00~UTC"),
        ("ru", "13~июля~2021~года, 10:00~(время~Нью-Йорк), 14:00~UTC"),
        ("ar", "13~يوليو~2021، 10:00~(بتوقيت~نيويورك)، 14:00~بالتوقيت~العالمي~المنسق"),
        ("zh-hans", "2021年7月13日 10:00（纽约时间），14:00~UTC"),
    ],
)
def test_dates_and_times_stay_on_one_line(world: World, language: str, bound: str) -> None:
    with override(language):
        moment = frame.when(datetime(2021, 7, 13, 14, tzinfo=UTC), world.hearing)
        assert frame.together(moment).replace("\u00a0", "~") == bound
        assert frame.together(frame.together(moment)) == frame.together(moment)


def test_all_that_belongs_to_a_time_stays_with_it(world: World) -> None:
    hearing, told = world.hearing, datetime(2021, 7, 1, 14, tzinfo=UTC)
    with override("fr"), times.reading_in("Africa/Nairobi"):
        own = frame.together(frame.when(told, hearing)).replace("\u00a0", "~")
        assert own.startswith("1er~juillet~2021, 10:00~(")
        assert own.endswith(", 17:00~à~votre~heure")
    typed = "At 10:00–13:00 Geneva time, 9:30 UTC or 10:00 in room 4 (New York), page 12 of 2021."
    assert frame.together(typed).replace("\u00a0", "~") == (
        "At 10:00–13:00~Geneva~time, 9:30~UTC or 10:00 in room 4 (New York), page 12 of 2021."
    )


def test_only_the_letter_that_leaves_has_no_break_spaces(world: World) -> None:
    dates = frame.meetings(world.hearing)
    message = queue(
        hearing_id=world.hearing.id,
        purpose=Message.Purpose.DECISION,
        subject="News",
        body=f"When:\n{dates}",
        address="ana@example.org",
    )
    assert message is not None
    assert "\u00a0" not in message.body
    for sent in (mail.plain(message, world.hearing), mail.as_html(message, world.hearing)):
        assert frame.together(dates.splitlines()[0]) in sent
