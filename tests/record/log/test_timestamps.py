"""Time stamps by OpenSSL's authority: valid ones, and each way in which one can be invalid."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hemicycle.record import verify
from hemicycle.record.log import timestamps
from hemicycle.record.log.timestamps import InvalidTimestamp
from tests.support.timestamp_authority import Authority, needs_openssl

pytestmark = needs_openssl
MESSAGE = b"hearing.example/h/water\n12\ncnJycnJycnJycnJycnJycnJycnJycnJycnJycnJycnI=\n"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tsa") / "one")


def test_a_stamp_says_when_and_by_whom(authority: Authority, tmp_path: Path) -> None:
    asked = timestamps.question(MESSAGE)
    token = authority.answer(asked.der)
    roots = timestamps.certificates(authority.certificate.read_bytes())
    stamp = timestamps.check(token, MESSAGE, roots, asked.nonce)
    assert stamp.authority == "CN=Time Authority One"
    assert abs(stamp.at - datetime.now(UTC)) < timedelta(minutes=1)
    timestamps.require_clock(stamp, datetime.now(UTC))
    (tmp_path / "token.tsr").write_bytes(token)
    (tmp_path / "text").write_bytes(MESSAGE)
    command = ["openssl", "ts", "-verify", "-in", "token.tsr", "-data", "text", "-CAfile"]
    subprocess.run([*command, authority.certificate], cwd=tmp_path, check=True)


def test_a_token_for_something_else_is_refused(authority: Authority) -> None:
    asked = timestamps.question(MESSAGE)
    token = authority.answer(asked.der)
    roots = timestamps.certificates(authority.certificate.read_bytes())
    with pytest.raises(InvalidTimestamp, match="belongs to another text"):
        timestamps.check(token, MESSAGE + b"x", roots)
    with pytest.raises(InvalidTimestamp, match="answers another request"):
        timestamps.check(token, MESSAGE, roots, asked.nonce + 1)


def test_an_unknown_authority_is_refused(authority: Authority, tmp_path: Path) -> None:
    other = Authority(tmp_path / "other", name="Two")
    token = other.answer(timestamps.question(MESSAGE).der)
    roots = timestamps.certificates(authority.certificate.read_bytes())
    with pytest.raises(InvalidTimestamp, match="time-stamping authority is not trusted"):
        timestamps.check(token, MESSAGE, roots)


def test_a_certificate_for_something_else_is_refused(authority: Authority, tmp_path: Path) -> None:
    web = Authority(tmp_path / "web", usage="serverAuth")
    question = timestamps.question(MESSAGE).der
    token = authority.answer_with(question, signer=web)
    roots = timestamps.certificates(web.certificate.read_bytes())
    with pytest.raises(InvalidTimestamp, match="time-stamping authority is not trusted"):
        timestamps.check(token, MESSAGE, roots)


def test_one_bit_changed_anywhere_is_noticed(authority: Authority) -> None:
    token = authority.answer(timestamps.question(MESSAGE).der)
    roots = timestamps.certificates(authority.certificate.read_bytes())
    genuine = timestamps.check(token, MESSAGE, roots)
    for at in range(0, len(token), 41):
        changed = bytearray(token)
        changed[at] ^= 1
        try:
            assert timestamps.check(bytes(changed), MESSAGE, roots) == genuine
        except InvalidTimestamp:
            continue


@pytest.mark.parametrize("token", [b"", b"garbage", b"\x30\x03\x02\x01\x02", b"x" * 70_000])
def test_what_is_no_token_is_refused(authority: Authority, token: bytes) -> None:
    roots = timestamps.certificates(authority.certificate.read_bytes())
    with pytest.raises(InvalidTimestamp):
        timestamps.check(token, MESSAGE, roots)


@pytest.mark.parametrize("hours", [-1, 0, 1])
def test_a_clock_an_hour_off_is_noticed(authority: Authority, hours: int) -> None:
    token = authority.answer_with(timestamps.question(MESSAGE).der, hours=hours)
    roots = timestamps.certificates(authority.certificate.read_bytes())
    if hours < 0:  # before its certificate is valid
        with pytest.raises(InvalidTimestamp, match="is not trusted here"):
            timestamps.check(token, MESSAGE, roots)
        return
    stamp = timestamps.check(token, MESSAGE, roots)
    if not hours:
        timestamps.require_clock(stamp, datetime.now(UTC))
        return
    with pytest.raises(InvalidTimestamp, match=r"3\d\d\d seconds apart"):
        timestamps.require_clock(stamp, datetime.now(UTC))


def test_where_the_library_is_missing_nothing_can_be_checked(
    authority: Authority,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The exit status must not say that a fault was found."""
    monkeypatch.setitem(sys.modules, "rfc3161_client", None)
    assert verify.main([str(tmp_path), "--tsa", str(authority.certificate)]) == verify.UNREADABLE
    assert "pip install rfc3161-client" in capsys.readouterr().err
