"""`hemicycle doctor`: it names each fault and says what to do."""

import json
import os
import shutil
import socket
import sqlite3
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.test.utils import override_settings

from hemicycle.record import clock
from hemicycle.site.operating import checks, doctor
from hemicycle.site.operating.doctor import Diagnosis, Health
from tests.site.test_cli import PROGRAM


def run(folder: Path, *arguments: str, **given: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if "HEMICYCLE" not in name}
    return subprocess.run(
        [PROGRAM, *arguments],
        env={**clean, "HEMICYCLE_DATA_DIR": str(folder), **given},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.mark.slow
def test_a_site_that_does_not_run_has_faults(tmp_path: Path) -> None:
    assert run(tmp_path, "migrate").returncode == 0
    nowhere = "http://127.0.0.1:9"
    done = run(
        tmp_path, "doctor", "--json", HEMICYCLE_BASE_URL=nowhere, HEMICYCLE_MEDIA_URL=nowhere
    )
    assert done.returncode == 1, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    health = {row["check"]: row["health"] for row in found}
    assert health["settings"] == health["database"] == health["keys"] == "ok"
    assert health["site"] == health["media"] == "fault"
    assert health["mail out"] == "warning"
    assert all(row["advice"] for row in found if row["health"] != "ok")


@pytest.mark.slow
def test_it_names_a_wrong_setting_and_stops(tmp_path: Path) -> None:
    done = run(tmp_path, "doctor", HEMICYCLE_DEBUG="perhaps")
    assert done.returncode == 1
    assert done.stdout.startswith("fault         settings: HEMICYCLE_DEBUG is 'perhaps': it must")
    assert done.stdout.count("\n") == 2


@pytest.mark.slow
def test_it_names_a_newer_database(tmp_path: Path) -> None:
    run(tmp_path, "migrate")
    with sqlite3.connect(tmp_path / "db.sqlite3") as base:
        base.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('people', '0099_x', '2030')"
        )
    done = run(tmp_path, "doctor")
    assert "fault         database: it is from a newer version (people.0099_x)" in done.stdout


def test_a_check_that_fails_is_a_finding() -> None:
    def fails() -> Iterator[Diagnosis]:
        yield checks.ok("x", "so far")
        raise ConnectionError("gone")

    assert doctor.carried_out("x", fails) == [Diagnosis("x", Health.FAULT, "ConnectionError: gone")]


@pytest.mark.parametrize(
    ("off_s", "health"), [(0, Health.OK), (1, Health.OK), (-120, Health.FAULT), (120, Health.FAULT)]
)
def test_a_clock_two_minutes_off_is_a_fault(off_s: int, health: Health) -> None:
    assert checks.clocks_agree("the database", clock.wall() / 1000 + off_s).health is health


def made(days: int, name: str = "localhost") -> tuple[bytes, bytes]:
    """A certificate that is valid for `days` more days, and its key, in PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=100))
        .not_valid_after(now + timedelta(days=days, minutes=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM), key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


@pytest.mark.parametrize(
    ("days", "health"), [(30, Health.OK), (3, Health.WARNING), (-1, Health.FAULT)]
)
def test_a_certificate_is_judged_by_its_end(days: int, health: Health) -> None:
    raw = ssl.PEM_cert_to_DER_cert(made(days)[0].decode())
    assert checks.lifetime("certificate", raw).health is health


@contextmanager
def serving(folder: Path, answer: bytes, days: int | None = None) -> Iterator[str]:
    """A server on this machine that gives the same answer to each request; its address."""
    listener = socket.create_server(("127.0.0.1", 0))
    context = None
    if days is not None:
        certificate, key = made(days)
        (folder / "both.pem").write_bytes(certificate + key)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "both.pem")

    def serve() -> None:
        while True:
            try:
                link, _ = listener.accept()
            except OSError:
                return
            try:
                with context.wrap_socket(link, server_side=True) if context else link as open_link:
                    open_link.recv(4096)
                    open_link.sendall(answer)
            except OSError:
                continue

    threading.Thread(target=serve, daemon=True).start()
    try:
        scheme = "https" if context else "http"
        yield f"{scheme}://localhost:{listener.getsockname()[1]}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def http(status: str, body: str = "", more: str = "") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{more}\r\n{body}".encode()


@pytest.mark.parametrize("days", [-1, 30])
def test_browsers_would_refuse_a_certificate(days: int, tmp_path: Path) -> None:
    with serving(tmp_path, b"", days) as site, override_settings(BASE_URL=site):
        (found,) = checks.certificate_is_valid()
    assert found.health is Health.FAULT
    assert found.found.startswith("browsers refuse it: ")
    assert found.advice.startswith("Let the proxy use a valid certificate for localhost")


@pytest.mark.parametrize(("scheme", "health"), [("http", Health.FAULT), ("https", Health.OK)])
def test_a_proxy_must_pass_on_the_scheme(scheme: str, health: Health, tmp_path: Path) -> None:
    answer = http("200 OK", str(clock.wall()), f"X-Arrived-By: {scheme}\r\n")
    with serving(tmp_path, answer, 30) as site, override_settings(BASE_URL=site):
        found = {finding.check: finding.health for finding in checks.site_answers()}
    assert found == {"site": Health.OK, "clock": Health.OK, "proxy": health}


@pytest.mark.parametrize(
    ("status", "advice"),
    [("400 Bad Request", "HEMICYCLE_HOSTS"), ("502 Bad Gateway", "the proxy's log")],
)
def test_a_site_that_answers_wrongly(status: str, advice: str, tmp_path: Path) -> None:
    with serving(tmp_path, http(status)) as site, override_settings(BASE_URL=site):
        (found,) = checks.site_answers()
    assert found.health is Health.FAULT
    assert advice in found.advice


def test_a_name_without_an_address() -> None:
    with override_settings(BASE_URL="https://nowhere.invalid"):
        (found,) = checks.name_resolves()
    assert found.health is Health.FAULT
    assert "Add a DNS record for nowhere.invalid" in found.advice


def test_a_full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    usage = type("Usage", (), {"free": 2**20})
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: usage)
    assert {finding.health for finding in checks.disk_has_room()} == {Health.FAULT}
