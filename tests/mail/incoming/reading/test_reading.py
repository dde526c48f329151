"""Any bytes can be read: errors are reported, nothing is executed, and reading always ends."""

from __future__ import annotations

import time
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hemicycle.mail.incoming.reading import headers
from hemicycle.mail.incoming.reading import text as words
from hemicycle.mail.incoming.reading.parse import parse
from hemicycle.mail.incoming.reading.parsed import ParsedMail
from tests.mail.incoming.damage import storable
from tests.mail.incoming.letters import container, docx, letter, with_file

HEAD = b"From: Ana <ana@example.org>\r\nSubject: Hello\r\nMessage-ID: <1@example.org>\r\n"


def of(body: bytes, kind: bytes = b"text/plain") -> ParsedMail:
    return parse(HEAD + b"Content-Type: " + kind + b"\r\n\r\n" + body)


def test_a_letter_is_read() -> None:
    document = docx()
    message = with_file(
        letter(In_Reply_To="<a@b.example>", References="<c@d.example> <a@b.example>"), data=document
    )
    found = parse(bytes(message))
    assert (found.from_name, found.from_address) == ("Ana Ruiz", "ana@relief.example.org")
    assert (found.subject, found.text) == ("Our statement", "Please find our statement attached.")
    assert found.answers == ("a@b.example", "c@d.example")
    assert [(file.name, file.data) for file in found.attachments] == [("statement.docx", document)]
    assert found.problems == ()


@pytest.mark.parametrize(
    ("charset", "text"),
    [
        ("utf-8", "Élan سلام 你好"),
        ("iso-8859-1", "Élan naïf"),
        ("windows-1256", "سلام عليكم"),
        ("koi8-r", "Добрый день всем"),
        ("gb2312", "你好"),
    ],
)
def test_charsets(charset: str, text: str) -> None:
    assert of(text.encode(charset), f"text/plain; charset={charset}".encode()).text == text


def test_a_wrong_charset_is_guessed_and_told() -> None:
    text = "Нас беспокоит судьба пострадавших от торговли людьми во всех странах мира."
    found = of(text.encode("cp1251"), b"text/plain; charset=utf-8")
    assert (found.text, found.problems) == (text, ("charset",))
    assert of("Élan".encode(), b"text/plain; charset=no-such-charset").text == "Élan"


def test_html_alone_is_text_and_nothing_of_it_runs() -> None:
    page = (
        b"<html><head><style>p{color:red}</style><script>alert(1)</script></head><body><p>Dear all,"
        b"</p><div>We <b>agree</b>.<br>Ana</div><img src=http://elsewhere.example/x.gif>"
        b"<iframe src=x></iframe></body></html>"
    )
    assert of(page, b"text/html").text == "Dear all,\nWe agree.\nAna"


def test_forwarded_documents_are_found_and_marked_as_inner() -> None:
    outer = letter(text="See below.")
    outer.add_attachment(with_file(letter(text="The inner text.")))
    found = parse(bytes(outer))
    assert found.text == "See below."
    assert [(file.name, file.is_inner) for file in found.attachments] == [("statement.docx", True)]


def test_outlooks_winmail_dat_is_opened() -> None:
    tnef = container(("statement.txt", b"We call for a fund."))
    message = letter()
    message.add_attachment(tnef, maintype="application", subtype="ms-tnef", filename="winmail.dat")
    found = parse(bytes(message))
    assert [(file.name, file.data) for file in found.attachments] == [
        ("statement.txt", b"We call for a fund.")
    ]
    broken = letter()
    broken.add_attachment(
        b"nothing", maintype="application", subtype="ms-tnef", filename="winmail.dat"
    )
    found = parse(bytes(broken))
    assert (found.problems, [file.problem for file in found.attachments]) == (
        ("winmail",),
        ["winmail"],
    )


def test_what_is_not_to_be_opened_is_kept_as_it_came() -> None:
    message = with_file(letter())
    message.add_attachment(b"x", maintype="application", subtype="ms-tnef", filename="winmail.dat")
    found = parse(bytes(message), opens=False)
    assert found.text == "Please find our statement attached."
    assert [(file.name, file.problem) for file in found.attachments] == [
        ("statement.docx", ""),
        ("winmail.dat", "winmail"),
    ]
    assert found.problems == ("broken", "winmail")
    page = parse(HEAD + b"Content-Type: text/html\r\n\r\n<p>Hello</p>", opens=False)
    assert (page.text, page.problems) == ("", ("broken", "empty"))


@pytest.mark.parametrize(
    ("raw", "problems"),
    [
        (b"", ("empty",)),
        (HEAD + b"\r\n", ("empty",)),
        (
            HEAD + b"Content-Type: multipart/encrypted; boundary=b\r\n\r\n--b\r\n"
            b"Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n--b--\r\n",
            ("encrypted",),
        ),
        (HEAD + b"Content-Type: application/pkcs7-mime\r\n\r\nxxxx", ("encrypted",)),
        (b"From: a@b.example, c@d.example\r\n\r\nHello", ("several_senders",)),
        (b"X: " + b"y" * 300_000 + b"\r\n\r\nHello", ("unreadable",)),
    ],
)
def test_problems_are_told(raw: bytes, problems: tuple[str, ...]) -> None:
    found = parse(raw)
    assert set(problems) <= set(found.problems)


def test_nests_and_crowds_of_parts_end_soon() -> None:
    nest = HEAD
    for depth in range(1500):
        nest += b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (depth, depth)
    part = b"--b\r\nContent-Disposition: attachment; filename=a.txt\r\n\r\nhello\r\n"
    crowd = HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + part * 3000 + b"--b--\r\n"
    begun = time.process_time()
    assert parse(nest).problems == ("unreadable",)
    assert parse(nest).subject == "Hello"
    found = parse(crowd)
    assert (len(found.attachments), found.problems) == (50, ("many_files", "many_parts"))
    assert time.process_time() - begun < 10


@given(st.binary(max_size=3000))
def test_any_bytes_can_be_read(raw: bytes) -> None:
    found = parse(raw)
    assert isinstance(found, ParsedMail)
    assert storable(found)


NAMES = st.sampled_from(
    [
        "From",
        "Subject",
        "Message-ID",
        "References",
        "Content-Type",
        "Content-Disposition",
        "Content-Transfer-Encoding",
        "Auto-Submitted",
        "Return-Path",
        "To",
        "Authentication-Results",
    ]
)
PIECES = st.sampled_from(
    [
        b"multipart/mixed; boundary=b",
        b"text/plain; charset=",
        b"=?utf-8?b?w4k=?=",
        b"=?x?q?=ff?=",
        b"<a@b.example>",
        b"<<>>",
        b"name*0*=utf-8''%C3",
        b"filename=",
        b'"',
        b";",
        b"base64",
        b"\xff",
        b"message/rfc822",
        b"message/delivery-status",
        b"multipart/report",
        b"@",
        b"(",
        b"\x00",
        b" ",
    ]
)


@given(
    st.lists(st.tuples(NAMES, st.lists(PIECES, max_size=5)), max_size=8),
    st.lists(
        st.sampled_from(
            [
                b"--b\r\n",
                b"--b--\r\n",
                b"Content-Type: text/html\r\n\r\n",
                b"<p>x",
                b"\r\n",
                b"=\xff=",
                b"UmVhZA==\r\n",
                b"Action: failed\r\n",
            ]
        ),
        max_size=12,
    ),
)
def test_any_headers_and_parts_can_be_read(
    head: list[tuple[str, list[bytes]]], body: list[bytes]
) -> None:
    lines = b"".join(name.encode() + b": " + b"".join(value) + b"\r\n" for name, value in head)
    assert storable(parse(lines + b"\r\n" + b"".join(body), ""))


@given(st.text(max_size=400))
def test_headers_go_round(text: str) -> None:
    message = EmailMessage()
    shown = headers.shown(text)
    message["Subject"] = shown
    assert parse(bytes(message)).subject == " ".join(shown.split())[:400]


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("Yes.\n\n> No?\n> Really?", "Yes."),
        ("Yes.\n\nOn 3 July Bo wrote:\n> No?", "Yes."),
        ("Oui.\n\nLe 3 juillet, Bo a écrit :\nNon ?", "Oui."),
        ("Yes.\n-----Original Message-----\nFrom: Bo", "Yes."),
    ],
)
def test_what_is_quoted_is_not_ones_own(text: str, own: str) -> None:
    assert words.own(text) == own


@pytest.mark.parametrize("name", ["Subject", "From", "To", "Reply-To", "Content-Type"])
def test_an_encoded_word_that_is_no_base64_stays_as_it_was_written(name: str) -> None:
    """Found by a fuzzer: the standard library raises an unusual error for it."""
    found = parse(f"{name}: =?utf-8?B?w6=k?=\r\n\r\nhello".encode(), "")
    assert found.text == "hello"
    assert found.subject in {"", "=?utf-8?B?w6=k?="}
