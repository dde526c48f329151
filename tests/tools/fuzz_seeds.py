"""The fuzzer's seeds: small valid inputs of each kind."""

import asyncio
from collections.abc import Callable, Iterator

from tests.documents.reading import files
from tests.engine.rtc import clients
from tests.mail.incoming.letters import letter, with_file

NOTE = (
    "Concept note\n\nHigh-level meeting on trafficking in persons\n\n"
    "New York, 22 November 2021, 10 a.m. to 1 p.m.\n\n"
    "10:00-10:30 Opening segment\n10:30-12:00 Panel 1: Protection\n"
    "Registration closes on 5 July 2021. Interventions are limited to three minutes.\n"
)
HTML_LETTER = (
    b"From: a@hearing.example\r\nSubject: =?utf-8?B?w6k=?=\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/alternative; boundary="b"\r\n\r\n--b\r\n'
    b"Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n"
    b"\r\n<p>We ask for the floor=2E</p><blockquote>earlier</blockquote>\r\n--b\r\n"
    b'Content-Type: application/ms-tnef\r\n\r\nx\x9f>"\r\n--b--\r\n'
)


def mail() -> Iterator[bytes]:
    """Yield letters: plain, with a file, and with HTML and a container of Outlook's."""
    yield bytes(letter())
    yield bytes(with_file(letter(), data=files.docx()))
    yield HTML_LETTER


def sdp() -> Iterator[bytes]:
    """Yield the offers of a standard client that sends, and of one that receives."""

    async def offers() -> list[str]:
        made = []
        for peer in (clients.sender(picture=True), clients.receiver("audio", "video")):
            made.append(await clients.offer(peer))
            await peer.close()
        return made

    yield from (offer.encode() for offer in asyncio.run(offers()))


def documents() -> Iterator[bytes]:
    """Yield a file of each kind that is read."""
    yield NOTE.encode()
    yield files.docx()
    yield files.odt()
    yield files.pdf()
    yield b"<!doctype html><html><body><h1>Note</h1><table><tr><td>10:00</td></tr></table></body>"
    yield b"# Note\n\n| 10:00 | Opening |\n|---|---|\n\n- one\n"


SEEDS: dict[str, Callable[[], Iterator[bytes]]] = {
    "mail": mail,
    "sdp": sdp,
    "note": documents,
    "statement": documents,
}
