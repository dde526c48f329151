"""Letters to many while they are sent: the progress, the time left, failures, and “Cancel”."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse

from hemicycle.mail.outgoing import actions, lists, sending
from hemicycle.mail.outgoing.delivery.sender import Sender
from hemicycle.mail.outgoing.delivery.transport import AboutToEnd, ServerReply
from hemicycle.mail.outgoing.models import Mailing, Message
from hemicycle.mail.outgoing.outbox import Sieve
from hemicycle.record.models import Entry
from tests.mail.outgoing.test_killed import Server
from tests.support.killed import Steps, is_killed_at
from tests.support.lists import World, listed_missions

if TYPE_CHECKING:
    from django.test import Client

    from hemicycle.mail.outgoing.delivery.mail import OutgoingMail

pytestmark = pytest.mark.django_db
State = Message.State
REMINDER = Message.Purpose.MISSING_STATEMENT
MANY = 10


class Slow:
    """A mail server that takes two seconds for each letter, or refuses it."""

    def __init__(self, world: World, *, refuses: bool = False) -> None:
        self._world = world
        self._refuses = refuses

    def open(self) -> None:
        """Do nothing: the connection is always open."""

    def deliver(self, letter: OutgoingMail, about_to_end: AboutToEnd) -> ServerReply:
        """Accept or refuse a letter after two seconds."""
        about_to_end()
        self._world.clock.advance(2000)
        return ServerReply(550, "unknown") if self._refuses else ServerReply(250, "taken")

    def close(self) -> None:
        """Do nothing."""


def sent(
    world: World, number: int, monkeypatch: pytest.MonkeyPatch, *, refused: bool = False
) -> None:
    """Let a sender process that many letters in one round."""
    monkeypatch.setattr(Sender, "_batch", lambda _self: number)
    assert Sender(Slow(world, refuses=refused)).round() == number


@pytest.fixture
def office(world: World) -> Client:
    return world.client()


@pytest.fixture
def mailing(world: World, office: Client, settings: Any) -> Mailing:
    """Return an invitation to ten missions, ready to be sent."""
    settings.SMTP = "smtp://mail.example.org"
    Message.objects.all().delete()
    listed_missions(world, *(f"m{number}@example.org" for number in range(MANY)))
    page = reverse("outgoing:mailings", args=(world.hearing.slug,))
    chosen = lists.sources(world.hearing)[0]
    preview = office.post(page, {"letter": "invitation", "source": chosen.key}, follow=True)
    where, _status = preview.redirect_chain[-1]
    office.post(where, {"count": MANY})
    made = Mailing.objects.get()
    assert "Cancel what is not sent yet" not in office.get(address(made, world)).text  # held
    world.clock.advance(11 * 60_000)
    return made


def address(mailing: Mailing, world: World) -> str:
    return reverse("outgoing:mailing", args=(world.hearing.slug, mailing.pk))


def part(office: Client, world: World, query: str) -> str:
    where = reverse("outgoing:sending", args=(world.hearing.slug,)) + f"?{query}"
    answer = office.get(where, headers={"HX-Request": "true"})
    return "reload" if "HX-Refresh" in answer.headers else " ".join(answer.text.split())


def cancel(office: Client, world: World, query: str) -> tuple[str, str]:
    """Ask to cancel the rest; return the page with the question, and the page after the press."""
    where = reverse("outgoing:cancel-rest", args=(world.hearing.slug,)) + f"?{query}"
    return office.get(where, follow=True).text, office.post(where, follow=True).text


def remind(world: World, number: int = MANY) -> None:
    for to in range(number):
        actions.queue(
            hearing_id=world.hearing.pk,
            purpose=REMINDER,
            subject="Your statement",
            body="Good day.",
            address=f"p{to}@example.org",
        )


def test_a_letter_to_a_list_shows_how_far_it_is(
    world: World, office: Client, mailing: Mailing, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = f"mailing={mailing.pk}"
    page = office.get(address(mailing, world)).text
    assert ("These letters are being sent" in page, "Cancel what is not" in page) == (True, True)
    assert "They wait for the mail server" in part(office, world, query)
    sent(world, 4, monkeypatch)
    said = part(office, world, query)
    assert ("4 of 10" in said, "6 letters are left." in said) == (True, True)
    assert "Time left: about 12 seconds." in said
    world.clock.advance(3_600_000)  # the sender was stopped for an hour
    assert "They wait for the mail server" in part(office, world, query)
    sent(world, 1, monkeypatch, refused=True)
    failed = Message.objects.get(state=State.FAILED)
    outbox = reverse("outgoing:office", args=(world.hearing.slug,))
    link = f"{outbox}?mailing={mailing.pk}&state=failed"
    assert link.replace("&", "&amp;") in part(office, world, query)
    assert failed.address in office.get(link).text
    sent(world, 5, monkeypatch)
    assert part(office, world, query) == "reload"
    assert "Cancel what is not sent yet" not in office.get(address(mailing, world)).text


def test_the_pace_is_that_of_the_last_minute(
    world: World, mailing: Mailing, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent(world, 2, monkeypatch)
    world.clock.advance(600_000)
    sent(world, 3, monkeypatch)
    found = sending.sending(world.hearing, Sieve(mailing=mailing.pk))
    assert found is not None
    assert (found.done, found.left, found.total) == (5, 5, MANY)
    assert found.left_ms == 5 * 60_000 / 3


def test_the_rest_is_cancelled_after_a_question(
    world: World, office: Client, mailing: Mailing, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent(world, 4, monkeypatch)
    question, after = cancel(office, world, f"mailing={mailing.pk}")
    assert "6 letters have not been sent yet." in question
    assert f'<a href="{address(mailing, world)}">Invitation</a>' in question
    assert "6 letters were cancelled." in after
    mailing.refresh_from_db()
    assert mailing.stopped_at is not None
    assert Message.objects.filter(state=State.CANCELLED).count() == 6
    assert Sender(Slow(world)).round() == 0
    assert "None could be stopped." in cancel(office, world, f"mailing={mailing.pk}")[1]


def test_reminders_show_how_far_they_are_too(
    world: World, office: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    remind(world, 3)
    sent(world, 3, monkeypatch)
    world.clock.advance(2 * 3_600_000)
    remind(world)
    query = f"purpose={REMINDER.value}"
    outbox = reverse("outgoing:office", args=(world.hearing.slug,))
    shown = office.get(f"{outbox}?{query}&state=sent").text
    assert "Cancel what is not sent yet" in shown
    assert "These letters are being sent" not in shown  # no mail server is configured
    assert "Cancel what is not sent yet" not in office.get(outbox).text
    sent(world, 4, monkeypatch)
    assert "4 of 10" in part(office, world, query)  # without the letters of two hours ago
    question, after = cancel(office, world, query)
    assert "6 letters have not been sent yet." in question
    assert "6 letters were cancelled." in after
    entry = Entry.objects.get(hearing=world.hearing.pk, kind="letters.cancelled")
    assert f'"purpose":"{REMINDER.value}"' in entry.body
    assert '"letters":6' in entry.body
    assert part(office, world, query) == "reload"


def test_the_page_of_reminders_leads_to_them(world: World, office: Client) -> None:
    row = world.ngo("Open Doors", 0)
    missing = reverse("statements:missing", args=(world.hearing.slug,))
    outbox = reverse("outgoing:office", args=(world.hearing.slug,))
    link = f'href="{outbox}?purpose={REMINDER.value}"'
    assert link not in office.get(missing).text
    page = office.post(missing, {"chosen": str(world.inscription(row).pk)}, follow=True).text
    assert link in page


def test_what_is_held_is_not_cancelled_with_the_rest(world: World, office: Client) -> None:
    remind(world, 2)
    held = actions.queue(
        hearing_id=world.hearing.pk,
        purpose=REMINDER,
        subject="Your statement",
        body="Good day.",
        address="held@example.org",
        held=True,
    )
    assert held is not None
    cancel(office, world, f"purpose={REMINDER.value}")
    states = Message.objects.filter(purpose=REMINDER).values_list("state", flat=True)
    assert sorted(states) == [State.CANCELLED, State.CANCELLED, State.QUEUED]


def test_nothing_is_cancelled_without_saying_what(world: World, office: Client) -> None:
    remind(world)
    for query in ("", "state=queued", "q=statement", "purpose=nonsense"):
        cancel(office, world, query)
    where = reverse("outgoing:cancel-rest", args=(world.hearing.slug,))
    assert office.post(f"{where}?mailing={'0' * 32}").status_code == 404
    assert Message.objects.filter(state=State.CANCELLED).count() == 0


def round_of(step: Steps, log: Path) -> None:
    """Do one round of a worker's sending."""
    Sender(Server(log, step)).round()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("step", [20, 45])
def test_a_sender_that_is_killed_loses_no_count_and_sends_none_twice(
    world: World, office: Client, tmp_path: Path, step: int
) -> None:
    log = tmp_path / "log"
    log.touch()
    remind(world)
    assert is_killed_at(step, round_of, log)
    assert 0 < len(log.read_text().splitlines()) < MANY
    assert f"of {MANY}" in part(office, world, f"purpose={REMINDER.value}")
    world.clock.advance(61_000)
    round_of(Steps(0), log)
    addresses = log.read_text().splitlines()
    assert len(addresses) == len(set(addresses))
    unclear = Message.objects.filter(state=State.SENDING).count()
    assert Message.objects.filter(state=State.SENT).count() + unclear == MANY
