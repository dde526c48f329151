"""A sender is killed at any step: each letter arrives once, or a person is asked.

SMTP has one moment of uncertainty: the server has the whole letter, but its answer has not arrived.
A letter that was left in this state is *unclear*. It is never sent again automatically; a person
looks in the server's log (`test_delivery` does the same with a real server).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest

from hemicycle.mail.outgoing import actions, outbox
from hemicycle.mail.outgoing.delivery import claims, mail
from hemicycle.mail.outgoing.delivery.sender import Sender
from hemicycle.mail.outgoing.delivery.transport import AboutToEnd, ServerReply
from hemicycle.mail.outgoing.models import Message
from hemicycle.record import clock
from tests.support.killed import Steps, is_killed_at

pytestmark = pytest.mark.postgresql("transactions")

State = Message.State
CLAIM_MS = int(claims.HELD_FOR.total_seconds() * 1000) + 1_000
ANSWER_MS = int(claims.ANSWER_WITHIN.total_seconds() * 1000) + 1_000


@dataclass
class Server:
    """The server's end of a connection: it has a letter once the last line has arrived."""

    log: Path
    step: Steps

    def open(self) -> None:
        """Take a step: the connection opens."""
        self.step()

    def deliver(self, letter: mail.OutgoingMail, about_to_end: AboutToEnd) -> ServerReply:
        """Accept a letter and write its address into the log, in steps."""
        self.step()
        about_to_end()
        self.step()
        with self.log.open("a") as log:
            log.write(f"{letter.to}\n")
        self.step()
        return ServerReply(250, "taken")

    def close(self) -> None:
        """Do nothing."""


def send(step: Steps, log: Path, *, later_ms: int = 0) -> None:
    """Do one round of a worker's sending."""
    with clock.using(lambda: clock.wall() + later_ms):
        Sender(Server(log, step)).round()


def owe(address: str) -> Message:
    message = actions.queue(
        hearing_id=None,
        purpose=Message.Purpose.ANNOUNCEMENT,
        subject="A letter",
        body="Good day.",
        address=address,
    )
    assert message is not None
    return message


def settle(message: Message, log: Path) -> None:
    """Settle an unclear letter as a person does: look for it in the server's log."""
    with clock.using(lambda: clock.wall() + ANSWER_MS):
        assert Message.objects.filter(outbox.unclear(), pk=message.pk).exists()
        arrived = message.address in log.read_text()
        actions._settle(message, State.SENT if arrived else State.QUEUED, "")


@pytest.mark.django_db(transaction=True)
def test_a_letter_arrives_once_wherever_its_sender_was_killed(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.touch()
    found: set[tuple[str, int]] = set()
    for step in count(1):
        message = owe(f"p{step}@example.org")
        is_killed = is_killed_at(step, send, log)
        message.refresh_from_db()
        found.add((message.state, log.read_text().splitlines().count(message.address)))
        send(Steps(0), log, later_ms=CLAIM_MS)
        message.refresh_from_db()
        if message.state == State.SENDING:
            settle(message, log)
            send(Steps(0), log, later_ms=ANSWER_MS)
        message.refresh_from_db()
        assert log.read_text().splitlines().count(message.address) == 1
        assert (message.state, message.history.filter(outcome="sent").count() <= 1) == (
            "sent",
            True,
        )
        if not is_killed:
            break
    assert step > 10
    assert found == {("queued", 0), ("sending", 0), ("sending", 1), ("sent", 1)}
