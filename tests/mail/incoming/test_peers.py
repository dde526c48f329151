"""Debian's Postfix and Dovecot: mail to us arrives, and our answers reach mailboxes.

Not part of `make test`: `pytest -m peers_mail` runs them, if the packages are installed.
"""

from __future__ import annotations

import smtplib
from collections import Counter
from collections.abc import Callable
from email.message import EmailMessage
from email.policy import SMTP

import pytest

from hemicycle.before.registration.by_mail.finding import own_address
from hemicycle.before.registration.models import Registration
from hemicycle.before.statements.models import Statement
from hemicycle.mail.incoming.answers import MOST_AN_HOUR
from hemicycle.mail.incoming.models import Mail, Mailbox
from hemicycle.mail.outgoing.models import Message
from tests.mail.incoming import dns_server
from tests.mail.incoming.conftest import Post, wait_for
from tests.mail.incoming.letters import letter, with_file
from tests.mail.incoming.receiving.test_listener import coming, of
from tests.mail.incoming.test_inscriptions import ASKED
from tests.support.lists import World
from tests.support.mail_peers import SPF_POLICY, Dovecot, Postfix, why_not
from tests.support.worker import Worker, settle

__all__ = ["coming"]
pytestmark = [pytest.mark.peers_mail, pytest.mark.skipif(bool(why_not()), reason=why_not())]

ANA, BO, ESTMERE = "ana@relief.example.org", "bo@relief.example.org", "mission@estmere.example"
HELLOS = 20


def send(postfix: Postfix, message: EmailMessage, *to: str, sender: str = ANA) -> str:
    """Send a message to Postfix as other servers do; return its Message-ID."""
    with smtplib.SMTP("127.0.0.1", postfix.port, timeout=30) as client:
        client.sendmail(sender, to, message.as_bytes(policy=SMTP))
    return str(message["Message-ID"])


def answers(dovecot: Dovecot, address: str) -> list[str | None]:
    """Return which message each letter in a mailbox answers; None for a letter of another kind."""
    found = dovecot.letters(address)
    assert {str(message["From"].addresses[0].addr_spec) for message in found} <= {
        "hearing@hearing.example"
    }
    assert {str(message["To"].addresses[0].addr_spec) for message in found} <= {address}
    return [message["In-Reply-To"] for message in found]


def confirmed(world: World, mail: Mail) -> Registration:
    """Confirm a mission's inscription as read from its mail; return the registration."""
    category = world.hearing.categories.get(key="member-state")
    data = {**mail.draft, "category": str(category.pk)}
    page = f"/office/{world.hearing.slug}/mail/{mail.pk}/as/inscriptions/"
    assert world.client().post(page, data).status_code == 302
    return Registration.objects.get(organization__name="Estmere")


def test_a_mission_and_an_organization_write_and_are_answered_while_we_are_killed(
    coming: World,
    make_post: Callable[..., Post],
    make_worker: Callable[..., Worker],
    postfix: Postfix,
    dovecot: Dovecot,
) -> None:
    relief = of(coming, coming.ngo("Relief", 0), ANA)  # its receipt bounces
    post, worker = make_post(), make_worker()
    mailboxes = f"lmtp:inet:127.0.0.1:{dovecot.lmtp}"
    postfix.start(
        {
            "hearing.example": f"lmtp:inet:127.0.0.1:{post.ports['LMTP']}",
            "relief.example.org": mailboxes,
            "estmere.example": mailboxes,
        }
    )
    own = own_address(relief, "publication@hearing.example")
    asked = letter(
        sender=f"Permanent Mission of Estmere <{ESTMERE}>", subject="Inscription", text=ASKED
    )
    inscription = send(
        postfix, asked, "speakers@hearing.example", "information@hearing.example", sender=ESTMERE
    )
    wait_for(lambda: Mail.objects.filter(why="confirm").exists())
    post.kill()
    worker.kill()
    statement = send(postfix, with_file(letter()), "statements@hearing.example")
    hellos = [letter(sender=BO, subject=f"Hello {number}") for number in range(HELLOS)]
    for hello in hellos:
        send(postfix, hello, "information@hearing.example", sender=BO)
    wait_for(lambda: postfix.waiting() >= HELLOS + 1)
    post.start()
    wait_for(Statement.objects.exists)
    worker.start()
    wait_for(lambda: Message.objects.filter(state__in=("sending", "sent")).exists())
    worker.kill()
    settle(coming, postfix)
    estmere = confirmed(coming, Mail.objects.get(why="confirm"))
    ask = letter(subject="Publication", text="Please publish our statement.")
    publication = send(postfix, ask, own)
    wait_for(lambda: Statement.objects.get().consents_to_publish)
    post.kill()
    worker.start()
    wait_for(lambda: not Message.objects.filter(state__in=Message.WAITING).exists(), 150)
    wait_for(lambda: not Message.objects.filter(state="sending").exists())
    post.start()  # meanwhile, one of our letters has bounced
    wait_for(lambda: Message.objects.filter(state="bounced").exists())
    wait_for(lambda: not postfix.waiting())
    wait_for(lambda: not Mail.objects.filter(state="stored").exists())

    assert Counter(answers(dovecot, ESTMERE)) == {inscription: 1, None: 1}
    (receipt,) = (message for message in dovecot.letters(ESTMERE) if not message["In-Reply-To"])
    assert estmere.reference in receipt["Subject"]
    assert Counter(answers(dovecot, ANA)) == {statement: 1, publication: 1}
    told = Counter(answers(dovecot, BO))
    assert len(told) == MOST_AN_HOUR
    assert set(told) <= {hello["Message-ID"] for hello in hellos}
    assert set(told.values()) == {1}
    assert Counter(Mail.objects.values_list("purpose", "state")) == {
        ("inscriptions", "done"): 1,
        ("statements", "done"): 1,
        ("publication", "done"): 1,
        ("other", "waiting"): HELLOS,
        ("other", "aside"): 1,
    }
    returned = Message.objects.get(state="bounced")
    assert (returned.purpose, returned.answer[:6]) == ("receipt", "5.1.1 ")


def test_a_mailbox_of_dovecots_is_read_once_while_both_are_killed(
    coming: World, make_post: Callable[..., Post], postfix: Postfix, dovecot: Dovecot
) -> None:
    postfix.start({"hearing.example": f"lmtp:inet:127.0.0.1:{dovecot.lmtp}"})
    relief = of(coming, coming.ngo("Relief", 0), ANA)
    box = "statements@hearing.example"
    send(postfix, with_file(letter()), box)
    believed = {"HEMICYCLE_MAIL_AUTHORITIES": str(dovecot.certificate)}
    every = {"HEMICYCLE_MAILROOM_IMAP_EVERY": "1"}
    post = make_post(HEMICYCLE_MAILROOM_IMAP=dovecot.url(box), **every, **believed)
    wait_for(lambda: Statement.objects.filter(registration=relief).exists())
    for number in range(5):
        send(postfix, letter(subject=f"Hello {number}"), box)
    wait_for(lambda: not postfix.waiting())
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
    assert {mail.source for mail in Mail.objects.all()} == {"imap"}


NAMESERVER = "127.66.53.1"
OURS, THEIRS = "233.252.0.7", "233.252.0.66"


def send_from(postfix: Postfix, address: str, message: EmailMessage) -> None:
    """Send a message to Postfix as a machine at that address would."""
    with smtplib.SMTP("127.0.0.1", postfix.port, timeout=60) as client:
        client.ehlo("mx.relief.example.org")
        assert client.docmd("XCLIENT", f"ADDR={address} NAME=mx.relief.example.org")[0] == 220
        client.ehlo("mx.relief.example.org")
        client.sendmail(ANA, ["information@hearing.example"], message.as_bytes(policy=SMTP))


@pytest.mark.skipif(
    not SPF_POLICY.exists(), reason="Debian's package postfix-policyd-spf-python is not installed"
)
def test_what_the_receiving_server_says_of_spf_is_believed(
    coming: World, make_post: Callable[..., Post]
) -> None:
    post = make_post(HEMICYCLE_MAILROOM_TRUSTED="mx.hearing.example")
    forged = "mx.hearing.example; dmarc=pass header.from=relief.example.org"
    records = {"relief.example.org TXT": f'"v=spf1 ip4:{OURS} -all"'}
    postfix = Postfix(nameserver=NAMESERVER)
    with dns_server.serving(records, (NAMESERVER, 53)) as asked:
        try:
            postfix.start({"hearing.example": f"lmtp:inet:127.0.0.1:{post.ports['LMTP']}"})
            for peer in (OURS, THEIRS):
                send_from(postfix, peer, letter(subject=peer, Authentication_Results=forged))
            wait_for(lambda: Mail.objects.exclude(state="stored").count() == 2)
        finally:
            print(postfix.log.read_text())  # shown if the test fails
            postfix.stop()
    assert "relief.example.org TXT" in asked.asked
    assert dict(Mail.objects.values_list("subject", "authentic")) == {
        OURS: {"by": "server", "spf": "pass"},
        THEIRS: {"by": "server", "spf": "fail"},
    }
