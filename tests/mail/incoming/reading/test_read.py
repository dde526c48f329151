"""Messages are read in a confined process: a message that keeps it busy does no other harm."""

import time
from dataclasses import replace
from email.message import EmailMessage

import pytest

from hemicycle.mail.incoming.reading import parse, read
from tests.mail.incoming.letters import (
    RENDERING,
    attribute,
    container,
    letter,
    tnef,
    with_file,
)

pytestmark = pytest.mark.confined

SOON = replace(read.LIMITS, seconds=1.5)


def with_container(content: bytes) -> EmailMessage:
    message = with_file(letter())
    message.add_attachment(
        content, maintype="application", subtype="ms-tnef", filename="winmail.dat"
    )
    return message


def test_nothing_of_a_message_is_parsed_here(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = bytes(with_container(container(("a.txt", b"We call for a fund."), body=b"See below.")))
    parsed = parse.parse(raw, "ana@relief.example.org")

    def here(*_given: object, **_named: object) -> None:
        raise AssertionError("parsed in the process that knows the database")

    for name in ("parse", "head_alone", "message_from_bytes", "BytesHeaderParser"):
        monkeypatch.setattr(parse, name, here)
    assert read.read(raw, "ana@relief.example.org") == parsed
    assert parsed.attachments[1].data == b"We call for a fund."


def test_a_delivery_report_comes_through() -> None:
    raw = (
        b"From: MAILER-DAEMON@mx.example\r\nContent-Type: multipart/report; boundary=b\r\n\r\n"
        b"--b\r\n"
        b"Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        b"Final-Recipient: rfc822; ana@relief.example.org\r\nAction: failed\r\n"
        b"Status: 5.1.1\r\n\r\n"
        b"--b--\r\n"
    )
    found = read.read(raw, "")
    assert found == parse.parse(raw, "")
    assert [bounce.recipient for bounce in found.bounces] == ["ana@relief.example.org"]


def test_a_message_of_many_megabytes_comes_through_whole() -> None:
    content = bytes(range(256)) * 36_000
    message = with_file(letter(), data=content)
    (file,) = read.read(bytes(message)).attachments
    assert file.data == content


@pytest.mark.real_time
@pytest.mark.parametrize(
    "endless",
    [
        # The parser copies the rest of a container for each attribute in it.
        tnef(attribute(1, 0x00008004, b"xx") * 1_500_000),
        # The parser believes the number of properties that a container claims.
        tnef(attribute(1, 0x00069003, b"\xff\xff\xff\x7f" + bytes(400))),
    ],
    ids=["many attributes", "many properties"],
)
def test_a_container_that_takes_for_ever_is_kept_unopened(endless: bytes) -> None:
    started = time.monotonic()
    found = read.read(bytes(with_container(endless)), limits=SOON)
    assert time.monotonic() - started < 3 * SOON.seconds + 2
    assert found.text == "Please find our statement attached."
    assert [(file.name, file.problem) for file in found.attachments] == [
        ("statement.docx", ""),
        ("winmail.dat", "winmail"),
    ]
    assert found.problems == ("broken", "winmail")


@pytest.mark.real_time
def test_a_container_within_a_container_has_an_end() -> None:
    # Each level is an attached object that is a TNEF again.
    inner = tnef()
    for _ in range(60):
        embedded = bytes.fromhex("0703020000000000c000000000000046") + inner
        value = (1).to_bytes(4, "little") + len(embedded).to_bytes(4, "little") + embedded
        value += b"\0" * (-len(embedded) % 4)
        inner = tnef(
            attribute(2, RENDERING, b"\0" * 14),
            attribute(2, 0x00069005, (1).to_bytes(4, "little") + b"\x0d\x00\x01\x37" + value),
        )
    found = read.read(bytes(with_container(inner)), limits=replace(SOON, seconds=5.0))
    assert found.text == "Please find our statement attached."


@pytest.mark.real_time
@pytest.mark.parametrize(
    "page",
    [
        "<div>" * 400_000 + "deep",
        "<table><tr><td>" * 100_000,
        "<p>" * 500_000 + "wide",
        "<b><i><u>" * 100_000 + "</p>" * 100_000,
        "<a " + "x='y' " * 300_000 + ">attributes</a>",
        "<!--" + "-" * 2_000_000,
        "<svg><style><script>" * 50_000,
        "&amp" * 800_000,
    ],
    ids=["deep", "tables", "wide", "misnested", "attributes", "comment", "hidden", "entities"],
)
def test_a_hostile_page_is_read_or_refused_on_time(page: str) -> None:
    raw = b"Subject: Hello\r\nContent-Type: text/html\r\n\r\n" + page.encode()
    started = time.monotonic()
    found = read.read(raw, limits=SOON)
    assert time.monotonic() - started < 3 * SOON.seconds + 2
    assert found.subject == "Hello"


@pytest.mark.real_time
def test_memory_has_a_ceiling_and_the_headers_are_read_all_the_same() -> None:
    raw = b"Subject: Hello\r\n\r\n" + b"x\n" * 20_000_000
    found = read.read(raw, limits=replace(read.LIMITS, memory=192 * 2**20, seconds=20))
    assert (found.subject, found.problems) == ("Hello", ("unreadable",))
