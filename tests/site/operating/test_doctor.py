"""`hemicycle doctor`: it names each fault and says what to do."""

import json
import os
import shutil
import socket
import sqlite3
import ssl
import struct
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar, override

import pytest
import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.core.signing import TimestampSigner
from django.test.utils import override_settings
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from hemicycle.record import clock
from hemicycle.site.asgi import tell_time
from hemicycle.site.http import arrival
from hemicycle.site.http.arrival import ARRIVAL
from hemicycle.site.operating import doctor
from hemicycle.site.operating.checks import machine, public_address
from hemicycle.site.operating.doctor import Diagnosis, Health
from tests.site.test_cli import PROGRAM
from tests.support.threaded import in_thread


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


@pytest.mark.test_all("deployment")
@pytest.mark.slow
@pytest.mark.usefixtures("migrated_folder")
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


@pytest.mark.test_all("deployment")
@pytest.mark.slow
def test_it_names_a_wrong_setting_and_stops(tmp_path: Path) -> None:
    done = run(tmp_path, "doctor", HEMICYCLE_DEBUG="perhaps")
    assert done.returncode == 1
    assert done.stdout.startswith("fault         settings: HEMICYCLE_DEBUG is 'perhaps': it must")
    assert done.stdout.count("\n") == 2


@pytest.mark.test_all("deployment")
@pytest.mark.slow
@pytest.mark.usefixtures("migrated_folder")
def test_it_names_a_newer_database(tmp_path: Path) -> None:
    run(tmp_path, "migrate")
    with sqlite3.connect(tmp_path / "db.sqlite3") as base:
        base.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('people', '0099_x', '2030')"
        )
    done = run(tmp_path, "doctor")
    assert (
        "database: The database is from a newer version of Hemicycle (people.0099_x)."
        in done.stdout
    )


@pytest.mark.test_all("deployment")
@pytest.mark.slow
@pytest.mark.parametrize(
    ("damage", "check", "finding"),
    [
        ("printf '\\377' > keys/secret", "settings", "The key {folder}/keys/secret is damaged."),
        ("rm keys/secret", "settings", "{folder} has a database but no keys/secret"),
        (
            "rm db.sqlite3; touch keys/receipts.pem",
            "data folder",
            "{folder} has keys but no database",
        ),
        ("touch RESTORING", "data folder", "{folder} is not whole: a restore was interrupted"),
    ],
)
def test_it_names_what_a_half_restored_folder_lacks_and_changes_nothing(
    damage: str, check: str, finding: str, tmp_path: Path
) -> None:
    (tmp_path / "keys").mkdir(mode=0o700)
    (tmp_path / "keys/secret").write_text("k" * 50)
    (tmp_path / "keys/secret").chmod(0o600)
    sqlite3.connect(tmp_path / "db.sqlite3").close()
    subprocess.run(["sh", "-c", f"umask 077; {damage}"], cwd=tmp_path, check=True)
    before = sorted(path.name for path in tmp_path.rglob("*"))
    done = run(tmp_path, "doctor", "--json")
    assert done.returncode == 1
    last = json.loads(done.stdout)[-1]
    assert (last["check"], last["health"]) == (check, "fault")
    assert last["found"].startswith(finding.format(folder=tmp_path))
    # An empty database, for example, would hide from the next start that the real one is missing.
    assert sorted(path.name for path in tmp_path.rglob("*")) == before


@pytest.mark.parametrize("content", ["", "no key"])
def test_a_key_of_the_record_that_cannot_be_read(content: str, tmp_path: Path) -> None:
    (tmp_path / "receipts.pem").write_text(content)
    (tmp_path / "receipts.pem").chmod(0o600)
    with override_settings(KEYS_DIR=tmp_path, SECRET_KEY="k" * 50):
        (found,) = doctor.carried_out("keys", machine.keys_are_there)
    assert found.health is Health.FAULT
    assert found.found.startswith(f"{tmp_path / 'receipts.pem'} ")


def test_a_check_that_fails_is_a_finding() -> None:
    def fails() -> Iterator[Diagnosis]:
        yield doctor.ok("x", "so far")
        raise ConnectionError("gone")

    assert doctor.carried_out("x", fails) == [Diagnosis("x", Health.FAULT, "ConnectionError: gone")]


@pytest.mark.parametrize(
    ("off_s", "health"), [(0, Health.OK), (1, Health.OK), (-120, Health.FAULT), (120, Health.FAULT)]
)
def test_a_clock_two_minutes_off_is_a_fault(off_s: int, health: Health) -> None:
    assert machine.clocks_agree("the database", clock.wall() / 1000 + off_s).health is health


def made(days: int, name: str = "localhost") -> tuple[bytes, bytes]:
    """Return a certificate that is valid for `days` more days, and its key, both in PEM."""
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
    assert public_address.lifetime("certificate", raw).health is health


@contextmanager
def serving(folder: Path, answer: bytes, days: int | None = None) -> Iterator[str]:
    """Run a server on this machine that answers every request alike, and yield its address."""
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
        (found,) = public_address.certificate_is_valid()
    assert found.health is Health.FAULT
    assert found.found.startswith("browsers refuse it: ")
    assert found.advice.startswith("Let the proxy use a valid certificate for localhost")


@pytest.mark.parametrize(("scheme", "health"), [("http", Health.FAULT), ("https", Health.OK)])
def test_a_proxy_must_pass_on_the_scheme(scheme: str, health: Health, tmp_path: Path) -> None:
    answer = http("200 OK", str(clock.wall()), f"X-Arrived-By: {scheme}\r\n")
    with serving(tmp_path, answer, 30) as site, override_settings(BASE_URL=site):
        found = {finding.check: finding.health for finding in public_address.site_answers()}
    assert found == {"site": Health.OK, "clock": Health.OK, "proxy": health}


class CarelessProxy(BaseHTTPRequestHandler):
    """A TLS proxy in front of the site, which sets X-Forwarded-For as `forwards` says.

    It connects to the site from an address of its own, as if from another machine.
    """

    site: ClassVar[int]
    forwards: ClassVar[str]

    def do_GET(self) -> None:
        link = HTTPConnection("127.0.0.1", self.site, source_address=("127.0.0.9", 0))
        headers = {"X-Forwarded-Proto": "https", ARRIVAL: self.headers[ARRIVAL]}
        if self.forwards == "the visitor's own":
            headers["X-Forwarded-For"] = self.headers["X-Forwarded-For"]
        elif self.forwards == "the visitor":
            headers["X-Forwarded-For"] = self.client_address[0]
        link.request("GET", "/time", headers=headers)
        answer = link.getresponse()
        body = answer.read()
        self.send_response(answer.status)
        for name in ("X-Arrived-By", ARRIVAL):
            self.send_header(name, answer.headers[name])
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        link.close()

    @override
    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def site_behind(folder: Path, forwards: str) -> Iterator[str]:
    """Serve the site's /time behind that proxy, and yield the public address."""
    application = ProxyHeadersMiddleware(tell_time, ["127.0.0.9"])  # type: ignore[arg-type]
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        application, log_config=None, lifespan="off", proxy_headers=False, http="h11"
    )
    server = uvicorn.Server(config)
    serving_it = threading.Thread(target=server.run, args=([listener],))
    serving_it.start()
    certificate, key = made(30)
    (folder / "both.pem").write_bytes(certificate + key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "both.pem")
    at = {"site": listener.getsockname()[1], "forwards": forwards}
    handler = type("Handler", (CarelessProxy,), at)
    proxy = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    proxy.socket = context.wrap_socket(proxy.socket, server_side=True)
    try:
        with in_thread(proxy):
            yield f"https://localhost:{proxy.server_address[1]}"
    finally:
        server.should_exit = True
        serving_it.join(20)


@pytest.mark.parametrize(
    ("forwards", "found"),
    [
        ("the visitor", "it passes on the visitor's address"),
        (
            "the visitor's own",
            "visitors can choose the address by which they are limited",
        ),
        ("nothing", "all visitors seem to come from the proxy, 127.0.0.9, and share its limits"),
    ],
)
def test_a_proxy_must_pass_on_who_visits(forwards: str, found: str, tmp_path: Path) -> None:
    with (
        site_behind(tmp_path, forwards) as site,
        override_settings(BASE_URL=site, TRUSTED_PROXIES=["127.0.0.9"]),
    ):
        about = [finding for finding in public_address.site_answers() if finding.check == "proxy"]
    assert [finding.found for finding in about] == [found, "it passes on the scheme"]
    health = Health.OK if forwards == "the visitor" else Health.FAULT
    assert (about[0].health, bool(about[0].advice)) == (health, health is Health.FAULT)


def test_only_the_doctor_learns_from_where_a_request_arrived(tmp_path: Path) -> None:
    assert arrival.answer(arrival.question().encode(), "127.0.0.9") == "127.0.0.9"
    forged = TimestampSigner(key="x" * 50, salt="hemicycle.site.http.arrival").sign("doctor")
    for asked in (b"doctor", b"\xff", forged.encode()):
        assert arrival.answer(asked, "127.0.0.9") == ""


@contextmanager
def time_server(off_s: float) -> Iterator[str]:
    """Run an NTP server whose clock is wrong by `off_s`, and yield its address."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    listener.bind(("127.0.0.1", 0))

    def serve() -> None:
        asked, visitor = listener.recvfrom(1024)
        seconds, fraction = divmod(time.time() + off_s + 2_208_988_800, 1)
        now = struct.pack("!II", int(seconds), int(fraction * 2**32))
        head = struct.pack("!BBbb11x1x", 0x24, 2, 0, -20)  # version 4, a server, stratum 2
        listener.sendto(head + now + asked[40:48] + now + now, visitor)

    answering = threading.Thread(target=serve)
    answering.start()
    try:
        yield f"127.0.0.1:{listener.getsockname()[1]}"
        answering.join(10)
    finally:
        listener.close()


@pytest.mark.parametrize(("off_s", "health"), [(0, Health.OK), (-120, Health.FAULT)])
def test_the_clock_is_compared_with_a_time_server(off_s: int, health: Health) -> None:
    with time_server(off_s) as server:
        (found,) = machine.clock_agrees_with_ntp(server)
    assert found.health is health
    assert found.found.startswith(
        "the clocks of the time server 127.0.0.1 and of this machine differ by "
    )
    assert bool(off_s) is ("differ by 120." in found.found or "differ by 119." in found.found)


def test_a_time_server_that_is_silent_is_no_fault() -> None:
    (found,) = machine.clock_agrees_with_ntp("nobody.invalid")
    assert found.health is Health.SKIPPED


@pytest.mark.parametrize(
    ("status", "advice"),
    [("400 Bad Request", "HEMICYCLE_HOSTS"), ("502 Bad Gateway", "the proxy's log")],
)
def test_a_site_that_answers_wrongly(status: str, advice: str, tmp_path: Path) -> None:
    with serving(tmp_path, http(status)) as site, override_settings(BASE_URL=site):
        (found,) = public_address.site_answers()
    assert found.health is Health.FAULT
    assert advice in found.advice


def test_a_name_without_an_address() -> None:
    with override_settings(BASE_URL="https://nowhere.invalid"):
        (found,) = public_address.name_resolves()
    assert found.health is Health.FAULT
    assert "Add a DNS record for nowhere.invalid" in found.advice


def test_a_full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    usage = type("Usage", (), {"free": 2**20})
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: usage)
    assert {finding.health for finding in machine.disk_has_room()} == {Health.FAULT}
