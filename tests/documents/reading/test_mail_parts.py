"""HTML mail and Outlook's containers: read in a confined process, whatever is in them."""

import time
from contextlib import suppress
from dataclasses import replace

import pytest

from hemicycle.documents.reading import UnreadableDocument
from hemicycle.documents.reading.limits import MAIL
from hemicycle.documents.reading.mail_parts import MailParts, OutlookFiles, open_parts


def attribute(level: int, ident: int, data: bytes) -> bytes:
    """One attribute of a TNEF: level, id, length, data, checksum."""
    head = bytes([level]) + ident.to_bytes(4, "little") + len(data).to_bytes(4, "little")
    return head + data + (sum(data) & 0xFFFF).to_bytes(2, "little")


def tnef(*attributes: bytes) -> bytes:
    return b"\x78\x9f\x3e\x22\x01\x00" + b"".join(attributes)


RENDERING, TITLE, DATA, BODY = 0x00069002, 0x00018010, 0x0006800F, 0x0002800C


def container(*named: tuple[str, bytes], body: bytes = b"") -> bytes:
    """A `winmail.dat` with files in it."""
    attributes = [attribute(1, BODY, body)] if body else []
    for name, content in named:
        attributes.append(attribute(2, RENDERING, b"\0" * 14))
        attributes.append(attribute(2, TITLE, name.encode() + b"\0"))
        attributes.append(attribute(2, DATA, content))
    return tnef(*attributes)


def test_one_process_reads_the_page_and_every_container() -> None:
    page = "<style>p{}</style><p>Dear all,</p><div hidden>no</div><svg><script>x</script></svg>Ana"
    first = container(("a.txt", b"We call for a fund."), ("b.txt", b"\0\1"), body=b"See the files.")
    assert open_parts(page, [first, b"nothing", container(("c.txt", b"More."))]) == MailParts(
        "Dear all,\nAna",
        (
            OutlookFiles(
                b"See the files.", (("a.txt", b"We call for a fund."), ("b.txt", b"\0\1"))
            ),
            None,
            OutlookFiles(b"", (("c.txt", b"More."),)),
        ),
    )


def test_a_file_of_many_megabytes_comes_through_whole() -> None:
    content = bytes(range(256)) * 40_000
    opened = open_parts("", [container(("large.pdf", content))])
    assert opened.containers == (OutlookFiles(b"", (("large.pdf", content),)),)


def test_more_files_than_a_message_holds_are_left_out() -> None:
    opened = open_parts("", [container(*((f"{n}.txt", b"x") for n in range(80)))])
    assert opened.containers[0] is not None
    assert len(opened.containers[0].files) == 50


@pytest.mark.parametrize(
    "content",
    [
        b"",
        tnef(),
        tnef(attribute(2, DATA, b"without a file to belong to")),
        tnef(attribute(2, RENDERING, b"\0"), b"\x02\x0f\x80\x06\0\xff\xff\xff\x7fshort"),
        tnef(attribute(2, RENDERING, b"\0"), attribute(2, 0x00069005, b"\xff" * 400)),
    ],
    ids=["empty", "bare", "stray", "lies about a length", "broken properties"],
)
def test_a_broken_container_is_none_or_holds_no_more_than_there_is(content: bytes) -> None:
    parts = open_parts("<p>Hello</p>", [content])
    assert parts.text.strip() == "Hello"
    for opened in filter(None, parts.containers):
        assert sum(len(data) for _name, data in opened.files) < len(content)


@pytest.mark.alone
@pytest.mark.parametrize(
    "endless",
    [
        # The parser copies what is left of a container for each attribute in it.
        tnef(attribute(1, 0x00008004, b"xx") * 1_500_000),
        # And it believes a container that says how many properties follow.
        tnef(attribute(1, 0x00069003, b"\xff\xff\xff\x7f" + bytes(400))),
    ],
    ids=["many attributes", "many properties"],
)
def test_a_container_that_takes_for_ever_is_ended_on_time(endless: bytes) -> None:
    started = time.monotonic()
    with pytest.raises(UnreadableDocument) as refused:
        open_parts("", [endless], replace(MAIL, seconds=1.0))
    assert refused.value.code == "timeout"
    assert time.monotonic() - started < 5


@pytest.mark.alone
def test_a_container_within_a_container_has_an_end() -> None:
    # Each level is an attachment object that is a TNEF again.
    inner = tnef()
    for _ in range(60):
        embedded = bytes.fromhex("0703020000000000c000000000000046") + inner
        value = (1).to_bytes(4, "little") + len(embedded).to_bytes(4, "little") + embedded
        value += b"\0" * (-len(embedded) % 4)
        inner = tnef(
            attribute(2, RENDERING, b"\0" * 14),
            attribute(2, 0x00069005, (1).to_bytes(4, "little") + b"\x0d\x00\x01\x37" + value),
        )
    opened = open_parts("", [inner], replace(MAIL, seconds=5.0))
    assert len(opened.containers) == 1


@pytest.mark.alone
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
    started = time.monotonic()
    with suppress(UnreadableDocument):
        assert len(open_parts(page, [], replace(MAIL, seconds=1.5)).text) <= 2 * MAIL.characters
    assert time.monotonic() - started < 6


@pytest.mark.alone
def test_memory_has_a_ceiling() -> None:
    with pytest.raises(UnreadableDocument) as refused:
        open_parts("<p>x" * 1_000_000, [], replace(MAIL, memory=96 * 2**20))
    assert refused.value.code in {"memory", "damaged"}
