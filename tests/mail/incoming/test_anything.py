"""Any mail: none is lost, nobody is wrongly answered, and no stranger passes for somebody else."""

from __future__ import annotations

import random
import time
from base64 import encodebytes
from email.message import EmailMessage
from email.policy import SMTP
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hemicycle.before.registration.by_mail import finding
from hemicycle.before.statements.models import StatementVersion
from hemicycle.documents.reading.html import text_of
from hemicycle.mail.incoming import matching, processing
from hemicycle.mail.incoming.answers import MOST_AN_HOUR
from hemicycle.mail.incoming.models import Mail
from hemicycle.mail.incoming.reading import parts, text
from hemicycle.mail.incoming.reading.parse import parse
from hemicycle.mail.incoming.reading.parsed import ParsedMail
from hemicycle.mail.incoming.signals import Clues
from hemicycle.record.models import Entry
from tests.mail.incoming.arriving import arrived, known_as, stored
from tests.mail.incoming.damage import BLOWS, SPLINTERS, WHOLE, Blow, broken, storable
from tests.mail.incoming.letters import docx, letter, with_file
from tests.support.lists import World

if TYPE_CHECKING:
    from pytest_django.fixtures import Settings

ANA, EVE = "ana@relief.example.org", "eve@elsewhere.example"
STATEMENTS = "statements@hearing.example"


@given(st.sampled_from(sorted(WHOLE)), st.lists(BLOWS, max_size=5))
@example("file", [("cut", 194, 1, b"\r\n"), ("cut", 654, 1, b"\r\n"), ("put", 17, 1, b"\0")])
def test_a_letter_broken_anywhere_can_be_read(kind: str, blows: list[Blow]) -> None:
    raw = broken(WHOLE[kind], blows)
    found = parse(raw)
    assert found == parse(raw)
    assert storable(found)
    assert len(found.text) <= text.LONGEST
    assert len(found.attachments) <= parts.MOST_FILES
    if not blows:
        assert not found.problems or kind == "returned"


def _blow(dice: random.Random) -> Blow:
    what = dice.choice(["cut", "drop", "twice", "put", "swap"])
    return what, dice.randrange(1001), dice.randrange(1, 400), dice.choice(SPLINTERS)


@pytest.mark.slow
def test_of_many_broken_letters_none_is_lost_and_none_wrongly_answered(world: World) -> None:
    registration = known_as(world.ngo("Relief", 0), ANA)
    dice = random.Random(7)
    came: dict[str, bytes] = {}
    for number in range(42):
        kind = sorted(WHOLE)[number % len(WHOLE)]
        raw = broken(WHOLE[kind], [_blow(dice) for _ in range(dice.randrange(1, 4))])
        (row,) = stored(raw, "statements@hearing.example", sender=ANA)
        came[row.pk.hex] = raw
    processing.process_stored()
    rows = {mail.pk.hex: mail for mail in Mail.objects.select_related("answer")}
    assert {key: rows[key].raw() for key in came} == came
    assert {mail.why for mail in rows.values()}.isdisjoint({"", "error"})
    assert {mail.state for mail in rows.values()} <= {"waiting", "done", "aside"}
    told = Entry.objects.filter(hearing=world.hearing.id, kind="mail.received")
    assert sorted(mail.fields()["mail"] for mail in told) == sorted(came)
    for mail in rows.values():
        if mail.answer is not None:
            assert (mail.automatic, mail.answer.address) == ("", mail.from_address)
    owners = StatementVersion.objects.values_list("statement__registration", flat=True).distinct()
    assert set(owners) <= {registration.pk}


PRETENDERS = [
    "ana@relief.example.org.elsewhere.example",
    "ana@re1ief.example.org",
    "ana@relief-example.org",
    "аna@relief.example.org",
    "ana@reliеf.example.org",
    "ana+x@relief.example.org",
    "ana.relief.example.org@elsewhere.example",
    "ana@relief.example",
    "anna@relief.example.org",
    "ana%relief.example.org@elsewhere.example",
    '"ana@relief.example.org"@elsewhere.example',
]


def test_whoever_writes_from_another_address_is_not_the_one_who_is_known(world: World) -> None:
    known_as(world.ngo("Relief International", 0, speaker="Ana Ruiz"), ANA)
    others = st.text(alphabet="aemnrx.-_+%1\u0430\u0435", max_size=8)
    changed = st.builds("{0}ana{1}@{2}relief{3}.example.org".format, others, others, others, others)

    @given(st.sampled_from(PRETENDERS) | changed, st.sampled_from(["Ana Ruiz", ANA, ""]))
    def check(address: str, name: str) -> None:
        is_ana = address.lower() == ANA
        asked = Clues(
            world.hearing.id, address.lower(), name, words=f"{name}\nRelief International"
        )
        weighed = [matching.weigh(found, {"dmarc": "pass"}) for found in finding.find(asked)]
        found = sorted(weighed, key=lambda candidate: -candidate.confidence)
        chosen, _why = matching.chosen(found, matching.SURE)
        assert (chosen is not None) == is_ana

    check()


@pytest.mark.parametrize(
    ("written", "read_as", "why"),
    [
        (f'"{ANA}" <{EVE}>', EVE, "unknown_sender"),
        (f"{ANA} <{EVE}>", ANA, "several_senders"),
        (f"{EVE}, {ANA}", EVE, "several_senders"),
        (f"{ANA}\r\nFrom: {EVE}", ANA, "several_senders"),
    ],
)
def test_whoever_puts_two_names_on_a_letter_acts_as_neither(
    world: World, settings: Settings, written: str, read_as: str, why: str
) -> None:
    """A server vouches for the domain of one of the names, and it is unknown for which."""
    settings.MAILROOM = settings.MAILROOM | {"trusted": ("mx.hearing.example",)}
    known_as(world.ngo("Relief International", 0, speaker="Ana Ruiz"), ANA)
    head = (
        "Authentication-Results: mx.hearing.example; dmarc=pass header.from=elsewhere.example\r\n"
        f"From: {written}\r\n"
    )
    whole = with_file(letter()).as_bytes(policy=SMTP)
    mail = arrived(head.encode() + whole.partition(b"\r\n")[2], STATEMENTS, sender=EVE)
    assert (mail.from_address, mail.state, mail.why) == (read_as, "waiting", why)
    assert mail.answer is None or mail.answer.address == EVE
    assert not StatementVersion.objects.exists()


def test_a_servers_word_counts_for_the_domain_that_it_names(
    world: World, settings: Settings
) -> None:
    settings.MAILROOM = settings.MAILROOM | {"trusted": ("mx.hearing.example",)}
    known_as(world.ngo("Relief International", 0, speaker="Ana Ruiz"), ANA)
    said = "mx.hearing.example; dmarc=pass header.from="
    found = [
        arrived(letter(subject=domain, Authentication_Results=said + domain)).authentic
        for domain in ("relief.example.org", "Relief.Example.ORG", "elsewhere.example")
    ]
    passed = {"by": "server", "dmarc": "pass"}
    assert found == [passed, passed, {}]


HIDDEN = st.sampled_from(
    [
        "<script>ALERT</script>",
        "<SCRIPT SRC=//elsewhere.example>ALERT</SCRIPT >",
        "<script type=x><!--ALERT--></script>",
        "<style>p::after{content:'ALERT'}</style>",
        "<svg onload=ALERT()><script>ALERT</script><text>ALERT</text></svg>",
        "<iframe srcdoc='ALERT'>ALERT</iframe>",
        "<object data=ALERT>ALERT</object>",
        "<noscript>ALERT</noscript>",
        "<template><p>ALERT</p></template>",
        "<div hidden>ALERT<p>ALERT</p></div>",
        "<img src=x onerror=ALERT alt='ALERT'>",
        "<a href='javascript:ALERT'></a>",
        "<!-- ALERT --><![CDATA[ALERT]]>",
        "<p style='background:url(ALERT)'></p>",
    ]
)
SEEN = st.from_regex(r"[a-z]{3,8}", fullmatch=True).map(lambda word: f"<p>{word}</p>")


@given(st.lists(HIDDEN | SEEN, max_size=12))
def test_of_a_page_only_what_a_reader_sees_is_kept(pieces: list[str]) -> None:
    shown = [piece[3:-4] for piece in pieces if piece.startswith("<p>")]
    assert text_of(f"<html><body>{''.join(pieces)}</body></html>").split() == shown


def _large() -> bytes:
    """Return 50 MB of mail: a video of 38 MB with a long page, as a mail program sends it."""
    head = letter().as_bytes(policy=SMTP).partition(b"Content-Type")[0]
    page = b"<p>Please find our video attached.</p>" + b"<p>and more</p>" * 200_000
    line = encodebytes(bytes(57)).replace(b"\n", b"\r\n")
    return b"\r\n".join(
        [
            head + b"Content-Type: multipart/mixed; boundary=b\r\n",
            b"--b\r\nContent-Type: text/html\r\n\r\n" + page,
            b"--b\r\nContent-Type: video/mp4; name=statement.mp4",
            b"Content-Transfer-Encoding: base64\r\n\r\n" + line * 640_000 + b"--b--\r\n",
        ]
    )


def test_50_mb_are_read_in_bounds() -> None:
    raw = _large()
    assert len(raw) > 50 * 10**6
    begun = time.process_time()
    found = parse(raw)
    assert time.process_time() - begun < 20  # 2.5 s on an idle machine
    assert [(file.name, file.data, file.problem) for file in found.attachments] == [
        ("statement.mp4", b"", "too_large")
    ]
    assert found.text.startswith("Please find our video attached.\nand more")
    assert len(found.text) <= text.LONGEST


def test_1000_files_in_one_message_wait_for_a_person(world: World) -> None:
    known_as(world.ngo("Relief", 0), ANA)
    message = letter()
    for number in range(1000):
        data = docx(f"No. {number}") if number < 2 else b"x"
        name = f"{number}.docx" if number < 2 else "x"
        message.add_attachment(data, maintype="application", subtype="x", filename=name)
    mail = arrived(message)
    assert (mail.state, mail.why) == ("waiting", "several_documents")
    assert (len(mail.attachments), mail.problems) == (parts.MOST_FILES, ["many_files"])
    assert not StatementVersion.objects.exists()


def test_a_letter_forwarded_again_and_again_gives_its_file_up_to_a_depth() -> None:
    def chain(links: int) -> ParsedMail:
        message: EmailMessage = with_file(letter(text="The first."), data=b"PK")
        for number in range(links):
            outer = letter(text=f"Forwarded {number}.")
            outer.add_attachment(message)
            message = outer
        return parse(message.as_bytes(policy=SMTP))

    near = chain(5)
    assert near.text == "Forwarded 4."
    assert [(file.name, file.is_inner) for file in near.attachments] == [("statement.docx", True)]
    far = chain(60)
    assert (far.text, far.attachments, far.problems) == ("Forwarded 59.", (), ("deep",))


def test_what_is_encrypted_waits_and_a_bomb_of_mail_is_answered_a_few_times(world: World) -> None:
    known_as(world.ngo("Relief", 0), ANA)
    locked = (
        b"From: " + ANA.encode() + b"\r\nSubject: Secret\r\nMessage-ID: <locked@example.org>\r\n"
        b"Content-Type: multipart/encrypted; boundary=b\r\n\r\n--b\r\n"
        b"Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n--b--\r\n"
    )
    mail = arrived(locked, "statements@hearing.example")
    assert (mail.state, mail.why) == ("waiting", "encrypted")
    for number in range(60):
        stored(letter(subject=f"No. {number}", text="Hello"))
    processing.process_stored()
    assert Mail.objects.filter(state="waiting").count() == 61
    assert Mail.objects.exclude(answer=None).count() == MOST_AN_HOUR
