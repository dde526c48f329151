"""SPF, DKIM and DMARC against a real name server on loopback."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from email.policy import SMTP
from typing import TYPE_CHECKING, Any

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from hemicycle.documents.reading import guarded
from hemicycle.mail.incoming import config
from hemicycle.mail.incoming.checks import authentication, by_dns, signatures
from hemicycle.mail.incoming.checks.by_dns import Connection
from hemicycle.mail.incoming.models import Mail
from tests.mail.incoming import dns_server
from tests.mail.incoming.arriving import known_as
from tests.mail.incoming.letters import letter, with_file

if TYPE_CHECKING:
    from pytest_django.fixtures import Settings

    from tests.support.lists import World

ANA = "ana@relief.example.org"
OURS, THEIRS = "233.252.0.7", "233.252.0.66"
"""Addresses reserved for documentation that count as public ones."""
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PUBLIC = KEY.public_key().public_bytes(
    serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
)
KEY_RECORD = f"v=DKIM1; k=rsa; p={base64.b64encode(PUBLIC).decode()}"


def text(words: str) -> str:
    """Return a TXT record; text longer than 255 octets is split."""
    return " ".join(f'"{words[at : at + 200]}"' for at in range(0, len(words), 200))


ZONE = {
    "relief.example.org TXT": text(f"v=spf1 ip4:{OURS} -all"),
    "_dmarc.relief.example.org TXT": text("v=DMARC1; p=reject"),
    "s1._domainkey.relief.example.org TXT": text(KEY_RECORD),
    "news.relief.example.org TXT": text(f"v=spf1 ip4:{OURS} -all"),
    "mx.relief.example.org TXT": text(f"v=spf1 ip4:{OURS} -all"),
    "soft.example TXT": text("v=spf1 ~all"),
    "strict.example TXT": text(f"v=spf1 ip4:{OURS} -all"),
    "mail.strict.example TXT": text(f"v=spf1 ip4:{OURS} -all"),
    "_dmarc.strict.example TXT": text("v=DMARC1; p=reject; aspf=s"),
    "loop.example TXT": text("v=spf1 include:loop.example -all"),
    "slow.example": dns_server.SILENT,
    "_dmarc.slow.example": dns_server.SILENT,
    "broken.example TXT": dns_server.FAILS,
    "s1._domainkey.late.example": dns_server.SILENT,
    "_dmarc.late.example TXT": text("v=DMARC1; p=reject"),
    "s1._domainkey.failing.example": dns_server.FAILS,
    "_dmarc.failing.example TXT": text("v=DMARC1; p=reject"),
    "odd.example TXT": text("v=spf1 -all"),
    "_dmarc.odd.example TXT": text("v=DMARC1; reject"),
    # An unrelated domain whose name begins like another one.
    "relief.example.org-shop.example TXT": text(f"v=spf1 ip4:{THEIRS} -all"),
    "s1._domainkey.shop.example TXT": text(KEY_RECORD),
    "relief-fund.example TXT": text(f"v=spf1 ip4:{OURS} -all"),
    "_dmarc.relief-fund.example TXT": text("v=DMARC1; p=quarantine"),
}


@pytest.fixture(autouse=True)
def zone() -> Iterator[list[str]]:
    with dns_server.asked(ZONE) as questions:
        yield questions


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten the waits: a silent server stays silent."""
    monkeypatch.setattr(by_dns, "ANSWER_WITHIN_S", 0.4)
    monkeypatch.setattr(by_dns, "KEY_WITHIN_S", 0.4)


def signed(raw: bytes, domain: bytes = b"relief.example.org") -> bytes:
    private = KEY.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    signature: bytes = dkim.sign(raw, b"s1", domain, private)
    return signature + raw


RAW = letter().as_bytes(policy=SMTP)


@pytest.mark.parametrize(
    ("sender", "peer", "address", "found"),
    [
        (ANA, OURS, ANA, ("pass", "pass")),
        (ANA, THEIRS, ANA, ("fail", "fail")),
        ("list@news.relief.example.org", OURS, ANA, ("pass", "pass")),
        ("", OURS, ANA, ("pass", "pass")),  # a bounce: the machine's own name is checked
        ("x@mail.strict.example", OURS, "x@strict.example", ("pass", "fail")),
        ("x@strict.example", OURS, "x@strict.example", ("pass", "pass")),
        ("x@soft.example", THEIRS, "x@soft.example", ("softfail", "none")),
        ("x@nowhere.example", OURS, ANA, ("none", "fail")),
        ("x@loop.example", OURS, ANA, ("permerror", "fail")),
        ("x@broken.example", OURS, "x@broken.example", ("temperror", "none")),
        ("x@odd.example", THEIRS, "x@odd.example", ("fail", "permerror")),
        ("x@relief-fund.example", OURS, "x@relief-fund.example", ("pass", "pass")),
        ("x@relief.example.org-shop.example", THEIRS, ANA, ("pass", "fail")),
        ("x@bücher.example", OURS, "x@bücher.example", ("none", "none")),
    ],
)
def test_what_the_envelopes_domain_says_of_the_machine(
    sender: str, peer: str, address: str, found: tuple[str, str]
) -> None:
    connection = Connection(peer, "mx.relief.example.org", sender)
    told = by_dns.check(RAW, address, connection)
    assert told == {"spf": found[0], "dkim": "none", "dmarc": found[1]}


def test_a_name_server_that_is_silent_makes_nobody_an_impostor(impatient: None) -> None:
    told = by_dns.check(RAW, "x@slow.example", Connection(OURS, "mx", "x@slow.example"))
    assert told == {"spf": "temperror", "dkim": "none", "dmarc": "temperror"}


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        (RAW, {"dkim": "none"}),
        (signed(RAW), {"dkim": "pass", "dmarc": "pass"}),
        (signed(RAW).replace(b"Please find", b"Please lose"), {"dkim": "fail", "dmarc": "fail"}),
        # A signature of another domain says nothing about the sender's, unless SPF is checked too.
        (signed(RAW, b"shop.example"), {"dkim": "pass"}),
        # One of the two signatures is the sender's domain's, and it is good.
        (signed(signed(RAW), b"shop.example"), {"dkim": "pass", "dmarc": "pass"}),
    ],
)
def test_signatures_where_nobody_can_ask_spf(raw: bytes, found: dict[str, str]) -> None:
    assert by_dns.check(raw, ANA, None) == found


@pytest.mark.parametrize("domain", ["late.example", "failing.example"])
def test_a_signature_whose_key_cannot_be_had_now_is_not_a_bad_one(
    impatient: None, domain: str
) -> None:
    raw = signed(RAW, domain.encode())
    assert by_dns.check(raw, f"ana@{domain}", None) == {"dkim": "temperror", "dmarc": "temperror"}


@pytest.mark.confined
def test_nothing_of_a_message_is_parsed_here(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = signed(RAW)

    def here(*_given: object, **_named: object) -> None:
        raise AssertionError("parsed in the process that knows the database")

    monkeypatch.setattr(dkim, "DKIM", here)
    assert by_dns.check(raw, ANA, None)["dkim"] == "pass"


def test_no_more_keys_are_asked_for_than_signatures_are_checked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The limit holds even if the process that parses the message is made to name more."""
    one = {"domain": "relief.example.org", "is_good": False, "key": "s1._domainkey.example."}
    answer = {"signatures": [one] * 99}, b""
    monkeypatch.setattr(guarded, "ask", lambda *_given, **_named: answer)
    assert len(signatures.check(RAW, {})) == signatures.MOST_SIGNATURES


@pytest.mark.parametrize("raw", [b"", b"\0\xff", b"DKIM-Signature: x\r\n\r\n", b"From\n\n"])
def test_nonsense_is_answered(raw: bytes) -> None:
    assert set(by_dns.check(raw, "nobody", Connection("::1", "", "@"))) == {
        "spf",
        "dkim",
        "dmarc",
    }


def arriving(peer: str, raw: bytes, source: str = "smtp") -> dict[str, str]:
    mail = Mail(source=source, peer=peer, sender=ANA, helo="mx", from_address=ANA)
    return authentication.results(mail, raw, (), config.current())


def test_it_is_asked_where_the_settings_allow_it(settings: Settings, zone: list[str]) -> None:
    assert arriving(OURS, RAW) == {}
    assert zone == []
    settings.MAILROOM = {**settings.MAILROOM, "dns": True}
    assert arriving(OURS, RAW) == {"by": "here", "spf": "pass", "dkim": "none", "dmarc": "pass"}
    # Mail that our own mail server delivers says nothing about the machine that sent it.
    assert arriving("127.0.0.1", RAW) == {"by": "here", "dkim": "none"}
    assert arriving(OURS, RAW, "lmtp") == {"by": "here", "dkim": "none"}


@pytest.mark.django_db
def test_an_impostor_is_shown_and_not_answered(world: World, settings: Settings) -> None:
    from hemicycle.mail.incoming import addresses, processing
    from hemicycle.mail.incoming.receiving import store

    known_as(world.ngo("Relief", 0), ANA)
    settings.MAILROOM = {**settings.MAILROOM, "dns": True, "trusted": ()}
    found = addresses.read()["statements@hearing.example"]
    states = []
    for peer in (THEIRS, OURS):
        raw = with_file(letter()).as_bytes(policy=SMTP)
        to: Any = ("statements@hearing.example",)
        came = store.Envelope(Mail.Source.SMTP, ANA, to, addresses.chosen(list(found)), peer, "mx")
        (row,) = Mail.objects.bulk_create(store.rows(raw, store.write(raw), came))
        processing.process(row.pk)
        row.refresh_from_db()
        states.append((row.state, row.why, row.authentic["spf"], row.answer is not None))
    assert states == [("waiting", "failed_check", "fail", False), ("done", "taken", "pass", True)]


def by_server(settings: Settings, *headers: str) -> dict[str, str]:
    settings.MAILROOM = {**settings.MAILROOM, "trusted": ("mx.hearing.example",)}
    return authentication.results(Mail(from_address=ANA), RAW, headers, config.current())


SPF_PASS = "mx.hearing.example; spf=pass (mailfrom) smtp.mailfrom=relief.example.org"
SPF_SOFT = (
    "mx.hearing.example; spf=softfail (mailfrom) smtp.mailfrom=relief.example.org "
    "(client-ip=233.252.0.66; helo=mx; envelope-from=ana@relief.example.org; receiver=x)"
)
DKIM_PASS = 'mx.hearing.example; dkim=pass (2048-bit key) header.d=relief.example.org header.b="a"'
DMARC_FAIL = "MX.hearing.example 1; dmarc=fail (p=reject dis=none) header.from=relief.example.org"
DMARC_PASS = "mx.hearing.example; dmarc=pass header.from=relief.example.org"


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        ((SPF_PASS,), {"by": "server", "spf": "pass"}),
        ((SPF_SOFT,), {"by": "server", "spf": "softfail"}),
        (
            (DMARC_FAIL, DKIM_PASS, SPF_SOFT),
            {"by": "server", "dmarc": "fail", "dkim": "pass", "spf": "softfail"},
        ),
        (("elsewhere.example; spf=pass", SPF_SOFT), {"by": "server", "spf": "softfail"}),
        ((SPF_SOFT, SPF_PASS), {"by": "server", "spf": "softfail"}),
        # A header that came with the message and was not removed is ignored.
        ((SPF_SOFT, DMARC_PASS), {"by": "server", "spf": "softfail"}),
        (("mx.hearing.example; none",), {}),
        (("elsewhere.example; spf=pass",), {}),
        (("mx.hearing.example; spf=", "mx.hearing.example.evil.example; spf=pass"), {}),
    ],
)
def test_only_what_our_own_server_wrote_is_believed(
    settings: Settings, headers: tuple[str, ...], found: dict[str, str]
) -> None:
    assert by_server(settings, *headers) == found
