"""Outlook's containers: any content gives files or nothing, and never an error."""

import pytest

from hemicycle.mail.incoming.reading import outlook
from hemicycle.mail.incoming.reading.outlook import OutlookFiles
from tests.mail.incoming.letters import DATA, RENDERING, attribute, container, tnef


def test_a_container_holds_a_text_and_files() -> None:
    content = container(("a.txt", b"We call for a fund."), ("b.txt", b"\0\1"), body=b"See below.")
    assert outlook.opened(content) == OutlookFiles(
        b"See below.", (("a.txt", b"We call for a fund."), ("b.txt", b"\0\1"))
    )


def test_more_files_than_a_message_holds_are_left_out() -> None:
    opened = outlook.opened(container(*((f"{n}.txt", b"x") for n in range(80))))
    assert opened is not None
    assert len(opened.files) == 50


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"nothing",
        tnef(),
        tnef(attribute(2, DATA, b"without a file to belong to")),
        tnef(attribute(2, RENDERING, b"\0"), b"\x02\x0f\x80\x06\0\xff\xff\xff\x7fshort"),
        tnef(attribute(2, RENDERING, b"\0"), attribute(2, 0x00069005, b"\xff" * 400)),
    ],
    ids=["empty", "none", "bare", "stray", "lies about a length", "broken properties"],
)
def test_a_broken_container_is_none_or_holds_no_more_than_there_is(content: bytes) -> None:
    opened = outlook.opened(content)
    assert opened is None or sum(len(data) for _name, data in opened.files) < len(content)
