"""Letters of every kind, and the damage that transport or an attacker may do to them."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP

from hypothesis import strategies as st

from hemicycle.mail.incoming.reading.parsed import ParsedMail
from tests.mail.incoming.letters import letter, with_file


def _with_page() -> EmailMessage:
    message = letter()
    message.add_alternative("<p>Please find our <b>statement</b> attached.</p>", subtype="html")
    return with_file(message)


def _forwarded() -> EmailMessage:
    outer = letter(text="See below.", subject="Fwd: Our statement")
    outer.add_attachment(with_file(letter()))
    return outer


def _in_another_script() -> EmailMessage:
    return with_file(letter(sender="Аня Руис <ana@relief.example.org>", text="سلام 你好"))


def _returned() -> bytes:
    return (
        b"From: MAILER-DAEMON@relief.example.org\r\nSubject: Returned\r\n"
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
        b"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; x\r\n\r\n"
        b"Action: failed\r\nFinal-Recipient: rfc822; bo@doors.example.net\r\n\r\n--b--\r\n"
    )


WHOLE = {
    "plain": letter().as_bytes(policy=SMTP),
    "file": with_file(letter()).as_bytes(policy=SMTP),
    "page": _with_page().as_bytes(policy=SMTP),
    "forwarded": _forwarded().as_bytes(policy=SMTP),
    "script": _in_another_script().as_bytes(policy=SMTP),
    "reply": with_file(letter(Auto_Submitted="auto-replied")).as_bytes(policy=SMTP),
    "returned": _returned(),
}
"""A letter of each kind, as sent over the network."""

SPLINTERS = (
    *(b"\r\n", b"\n", b"\r\n\r\n", b"\0", b"\xff\xfe", b"--", b"=?utf-8?b?", b"?=", b'"', b";"),
    *(b"<", b">", b"From: eve@elsewhere.example\r\n", b"Content-Type: message/rfc822\r\n\r\n"),
    *(
        b"Content-Type: multipart/mixed; boundary=\r\n",
        b"Content-Transfer-Encoding: x-uuencode\r\n",
    ),
    *(b"charset=utf-7", b"charset=idna", b"charset=rot13", b"begin 644 x\r\n", b"\x1b$B"),
)
"""Bytes that are put into a letter to break it."""

Blow = tuple[str, int, int, bytes]
"""What is done, where (in thousandths of the letter), to how many bytes, and the splinter."""

BLOWS = st.tuples(
    st.sampled_from(["cut", "drop", "twice", "put", "swap"]),
    st.integers(0, 1000),
    st.integers(1, 400),
    st.sampled_from(SPLINTERS),
)


def broken(raw: bytes, blows: list[Blow]) -> bytes:
    """Return the letter with all that damage."""
    for what, where, length, splinter in blows:
        at = len(raw) * where // 1000
        before, over, after = raw[:at], raw[at : at + length], raw[at + length :]
        raw = {
            "cut": before,
            "drop": before + after,
            "twice": before + over + over + after,
            "put": before + splinter + over + after,
            "swap": before + bytes(reversed(over)) + after,
        }[what]
    return raw


def storable(found: ParsedMail) -> bool:
    """Return whether a database can store all of it and a page can show it."""
    texts = [found.subject, found.text, found.from_name, found.from_address, found.message_id]
    texts += [*found.answers, *found.recipients, *(file.name for file in found.attachments)]
    for text in texts:
        text.encode()
    return not any("\0" in text for text in texts)
