"""Debian's Postfix hands mail over by LMTP, Debian's Dovecot keeps a mailbox that is read.

Not part of `make test`: `pytest -m peers_mail` runs them, where the packages are installed.
"""

from __future__ import annotations

import smtplib
from collections import Counter
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from email.policy import SMTP

import pytest

from hemicycle.mailroom.models import Mail, Mailbox
from hemicycle.registration.by_mail.finding import own_address
from hemicycle.statements.models import Statement
from tests.mailroom.conftest import Post, wait_for
from tests.mailroom.letters import letter, with_file
from tests.mailroom.test_inscriptions import ASKED
from tests.mailroom.test_listener import coming, of
from tests.support.lists import World
from tests.support.mail_peers import Dovecot, Postfix, why_not

__all__ = ["coming"]
pytestmark = [pytest.mark.peers_mail, pytest.mark.skipif(bool(why_not()), reason=why_not())]

ANA = "ana@relief.example.org"


@pytest.fixture
def postfix() -> Iterator[Postfix]:
    server = Postfix()
    yield server
    server.stop()


@pytest.fixture
def dovecot() -> Iterator[Dovecot]:
    server = Dovecot()
    server.start()
    yield server
    server.stop()


def send(postfix: Postfix, message: EmailMessage, *to: str, sender: str = ANA) -> None:
    with smtplib.SMTP("127.0.0.1", postfix.port, timeout=30) as client:
        client.sendmail(sender, to, message.as_bytes(policy=SMTP))


def test_a_mission_and_an_organization_write_through_postfix_while_we_are_killed(
    coming: World, post: Post, postfix: Postfix
) -> None:
    postfix.start({"hearing.example": f"lmtp:inet:127.0.0.1:{post.ports['LMTP']}"})
    relief = of(coming, coming.ngo("Relief", 0), ANA)
    own = own_address(relief, "publication@hearing.example")
    mission = letter(
        sender="Kenya Mission <mission@kenya.example>", subject="Inscription", text=ASKED
    )
    send(postfix, mission, "speakers@hearing.example", "information@hearing.example")
    wait_for(lambda: Mail.objects.filter(why="confirm").count() == 1)
    post.kill()
    send(postfix, with_file(letter()), "statements@hearing.example")
    for number in range(20):
        send(postfix, letter(subject=f"Hello {number}"), "information@hearing.example")
    assert postfix.waiting() == 21
    post.start()
    wait_for(lambda: Statement.objects.count() == 1)
    ask = letter(subject="Publication", text="Please publish our statement.")
    send(postfix, ask, own)
    wait_for(lambda: Statement.objects.get().consents_to_publish)
    wait_for(lambda: not postfix.waiting())
    wait_for(lambda: not Mail.objects.filter(state="stored").exists())
    found = Counter(Mail.objects.values_list("purpose", "state"))
    assert found == {
        ("inscriptions", "waiting"): 1,
        ("statements", "done"): 1,
        ("publication", "done"): 1,
        ("other", "waiting"): 20,
    }
    answered = set(Mail.objects.filter(state="done").values_list("answer__address", flat=True))
    assert answered == {ANA}


def test_a_mailbox_of_dovecots_is_read_once_while_both_are_killed(
    coming: World, make_post: Callable[..., Post], postfix: Postfix, dovecot: Dovecot
) -> None:
    postfix.start({"hearing.example": f"lmtp:inet:127.0.0.1:{dovecot.lmtp}"})
    relief = of(coming, coming.ngo("Relief", 0), ANA)
    box = "statements@hearing.example"
    send(postfix, with_file(letter()), box)
    post = make_post(HEMICYCLE_MAILROOM_IMAP=dovecot.url(box), HEMICYCLE_MAILROOM_IMAP_EVERY="1")
    wait_for(lambda: Statement.objects.filter(registration=relief).exists())
    for number in range(5):
        send(postfix, letter(subject=f"Hello {number}"), box)
    dovecot.kill()
    wait_for(lambda: Mailbox.objects.get().trouble)
    for number in range(5, 10):
        send(postfix, letter(subject=f"Hello {number}"), box)
    post.kill()
    dovecot.start()
    post.start()
    wait_for(lambda: Mail.objects.exclude(state="stored").count() == 11)
    wait_for(lambda: not postfix.waiting())
    subjects = Counter(Mail.objects.values_list("subject", flat=True))
    assert subjects == {"Our statement": 1, **{f"Hello {number}": 1 for number in range(10)}}
    assert {each.source for each in Mail.objects.all()} == {"imap"}
