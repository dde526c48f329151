"""A trial in the local network: HTTPS with a certificate that Hemicycle makes itself."""

import os
import re
import signal
import socket
import ssl
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import pytest
from cryptography import x509

from hemicycle.site.processes import own_certificate
from tests.support.site import STATIC

HERE = own_certificate.own_address("0.0.0.0")


def test_the_certificate_is_kept_and_is_for_the_address(tmp_path: Path) -> None:
    file = tmp_path / "keys/trial.pem"
    fingerprint = own_certificate.made_for("192.0.2.7", file)
    assert re.fullmatch(r"([0-9A-F]{2}:){31}[0-9A-F]{2}", fingerprint)
    assert file.stat().st_mode & 0o777 == 0o600
    assert own_certificate.made_for("192.0.2.7", file) == fingerprint
    assert own_certificate.made_for("2001:db8::7", file) != fingerprint
    made = x509.load_pem_x509_certificates(file.read_bytes())[0]
    names = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [str(address) for address in names.get_values_for_type(x509.IPAddress)] == [
        "2001:db8::7"
    ]


def test_a_named_address_is_taken_as_it_is() -> None:
    assert own_certificate.own_address("192.0.2.7") == "192.0.2.7"
    socket.inet_pton(socket.AF_INET, HERE)


@pytest.mark.test_all("deployment")
@pytest.mark.slow
@pytest.mark.usefixtures("migrated_folder")
def test_pages_come_by_https_and_others_cannot_read_them(tmp_path: Path) -> None:
    file = tmp_path / "trial.pem"
    own_certificate.made_for("127.0.0.1", file)
    clean = {name: value for name, value in os.environ.items() if "HEMICYCLE" not in name}
    environment = {**clean, "HEMICYCLE_DATA_DIR": str(tmp_path)}
    command = [sys.executable, "-m", "hemicycle.site.cli"]
    listener = socket.create_server(("127.0.0.1", 0))
    number = str(listener.fileno())
    serving = [*command, "web", "--descriptor", number, "--certificate", str(file)]
    with subprocess.Popen(serving, env=environment, pass_fds=(listener.fileno(),)) as web:
        try:
            address = f"127.0.0.1:{listener.getsockname()[1]}"
            trusting = ssl.create_default_context(cafile=file)
            with urlopen(f"https://{address}/time", context=trusting, timeout=60) as answer:
                assert answer.headers["X-Arrived-By"] == "https"
        finally:
            web.send_signal(signal.SIGTERM)
            listener.close()


@pytest.mark.test_all("deployment")
@pytest.mark.real_time
@pytest.mark.skipif(HERE == "127.0.0.1", reason="this machine is in no network")
@pytest.mark.usefixtures("migrated_folder")
def test_up_serves_the_network_by_https(tmp_path: Path) -> None:
    clean = {name: value for name, value in os.environ.items() if "HEMICYCLE" not in name}
    environment = {**clean, **STATIC, "HEMICYCLE_DATA_DIR": str(tmp_path), "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "hemicycle.site.cli", "up", "--host", "0.0.0.0", "--port", "0"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as up:
        try:
            assert up.stdout is not None
            told = ""
            while "Stop it with Ctrl-C." not in told:
                line = up.stdout.readline()
                assert line, told
                told += line
            site = re.search(rf"Hemicycle is at (https://{re.escape(HERE)}:\d+/)", told)
            assert site, told
            assert "each\nbrowser warns once" in told
            trusting = ssl.create_default_context(cafile=tmp_path / "keys/trial.pem")
            with urlopen(f"{site[1]}sign-in/", context=trusting, timeout=60) as answer:
                assert "__Host-csrftoken" in answer.headers["Set-Cookie"]
        finally:
            up.send_signal(signal.SIGTERM)
