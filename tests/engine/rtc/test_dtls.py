"""Encryption of sound and picture uses only modern suites and versions."""

import contextlib

import pytest
from aiortc import RTCCertificate
from aiortc.rtcdtlstransport import SRTP_PROFILES
from OpenSSL import SSL

from hemicycle.engine.rtc import peer

OLD = (
    b"ECDHE-ECDSA-AES128-SHA",
    b"ECDHE-ECDSA-AES256-SHA",
    b"ECDHE-ECDSA-AES128-SHA256",
)
DTLS_1_0 = 0xFEFF


def client(ciphers: bytes, newest: int = 0) -> SSL.Connection:
    """Return a client with these cipher suites and, if given, this newest version of DTLS."""
    certificate = RTCCertificate.generateCertificate()
    context = RTCCertificate._create_ssl_context(certificate, SRTP_PROFILES)
    context.set_cipher_list(ciphers)
    if newest:
        context.set_max_proto_version(newest)
    connection = SSL.Connection(context)
    connection.set_connect_state()
    return connection


def server() -> SSL.Connection:
    certificate = RTCCertificate.generateCertificate()
    connection = SSL.Connection(peer._context(certificate, SRTP_PROFILES))
    connection.set_accept_state()
    return connection


def handshake(one: SSL.Connection, other: SSL.Connection) -> str:
    """Return the suite that both sides agree on, or ""; raises `SSL.Error` if a side refuses."""
    for _ in range(20):
        for here, there in ((one, other), (other, one)):
            with contextlib.suppress(SSL.WantReadError):
                here.do_handshake()
            try:
                while True:
                    there.bio_write(here.bio_read(1500))
            except SSL.WantReadError:
                pass
    return other.get_cipher_name() or ""


@pytest.mark.parametrize("suite", OLD)
def test_a_client_that_offers_old_suites_only_is_refused(suite: bytes) -> None:
    with pytest.raises(SSL.Error):
        handshake(client(suite + b":@SECLEVEL=0"), server())


def test_a_client_of_the_first_version_is_refused() -> None:
    with pytest.raises(SSL.Error):
        handshake(client(b"ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0", DTLS_1_0), server())


@pytest.mark.parametrize(
    "suite", [b"ECDHE-ECDSA-AES128-GCM-SHA256", b"ECDHE-ECDSA-CHACHA20-POLY1305"]
)
def test_a_client_that_offers_a_modern_suite_is_let_in(suite: bytes) -> None:
    assert handshake(client(suite + b":ECDHE-ECDSA-AES128-SHA"), server()) == suite.decode()
