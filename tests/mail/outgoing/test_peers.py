"""A letter reaches each of two hundred Dovecot mailboxes once, through Postfix, both from Debian.

Not part of `make test`: `pytest -m peers_mail` runs it, if the packages are installed.
"""

from __future__ import annotations

from collections.abc import Callable
from email.message import EmailMessage

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from hemicycle.mail.outgoing import lists
from hemicycle.mail.outgoing.delivery.mail import message_id
from hemicycle.mail.outgoing.models import Mailing, Message
from tests.mail.incoming.conftest import wait_for
from tests.mail.incoming.receiving.test_listener import coming
from tests.support.lists import World
from tests.support.mail_peers import Dovecot, Postfix, why_not
from tests.support.worker import Worker, settle

__all__ = ["coming"]
pytestmark = [pytest.mark.peers_mail, pytest.mark.skipif(bool(why_not()), reason=why_not())]

MISSIONS = {f"mission{n:03}@missions.example": "ar" if n % 3 else "en" for n in range(200)}
STATES = (Message.State.SENT, Message.State.SENDING)


def confirmed(world: World, office: Client) -> Mailing:
    """Import a list, choose the letter and confirm it as the secretariat does, on its pages."""
    letters = f"/office/{world.hearing.slug}/letters"
    own = lists.make(hearing=world.hearing, name="Missions", of_missions=False, actor=world.office)
    lines = "".join(f"{address};{code}\n" for address, code in MISSIONS.items())
    table = SimpleUploadedFile("missions.csv", f"Email;Language\n{lines}".encode())
    shown = office.post(f"{letters}/lists/{own.pk}/import/", {"table": table}, follow=True)
    office.post(shown.redirect_chain[-1][0])
    enclosed = ["note-pdf", "calendar"]
    chosen = {"letter": "invitation", "source": f"own:{own.pk.hex}", "enclosed": enclosed}
    made = office.post(f"{letters}/to-lists/", chosen)
    office.post(made["Location"], {"count": str(len(MISSIONS))})
    return Mailing.objects.get()


def left() -> int:
    """Return how many letters have left Hemicycle or are leaving."""
    return Message.objects.filter(state__in=STATES).count()


def kinds(letter: EmailMessage) -> list[str]:
    return [part.get_content_type() for part in letter.walk() if not part.is_multipart()]


def test_the_letter_reaches_each_of_two_hundred_once_while_the_worker_is_killed(
    coming: World, make_worker: Callable[..., Worker], postfix: Postfix, dovecot: Dovecot
) -> None:
    postfix.start({"missions.example": f"lmtp:inet:127.0.0.1:{dovecot.lmtp}"})
    mailing = confirmed(coming, coming.client())
    assert mailing.addressees == len(MISSIONS)
    worker = make_worker()
    for number in (20, 60, 100, 140):
        wait_for(lambda number=number: left() >= number, 150)  # type: ignore[misc]
        worker.kill()
        settle(coming, postfix)
        if number == 100:  # the mail server is killed too, while it has no mail
            wait_for(lambda: not postfix.waiting())
            postfix.kill()
            worker.start()
            wait_for(lambda: Message.objects.filter(answer__contains="refused").exists(), 150)
            postfix.restart()
        else:
            worker.start()
    sent = Message.objects.filter(mailing=mailing, state="sent")
    wait_for(lambda: sent.count() == len(MISSIONS), 300)
    wait_for(lambda: not postfix.waiting())

    found = {address: dovecot.letters(address) for address in MISSIONS}
    assert {address: len(letters) for address, letters in found.items()} == dict.fromkeys(
        MISSIONS, 1
    )
    ids = {message.address: message_id(message) for message in sent}
    assert {address: one["Message-ID"] for address, (one,) in found.items()} == ids
    assert {address: one["Content-Language"] for address, (one,) in found.items()} == MISSIONS
    (one,) = found["mission000@missions.example"]
    assert kinds(one) == ["text/plain", "text/html", "text/calendar", "application/pdf"]
    assert one["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert one["Return-Path"].startswith("<information+")
    assert len({letter["List-Unsubscribe"] for (letter,) in found.values()}) == len(MISSIONS)
