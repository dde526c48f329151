"""A timestamp authority: OpenSSL's `ts`, served over loopback."""

import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from tests.support.threaded import in_thread

needs_openssl = pytest.mark.skipif(
    not shutil.which("openssl"), reason="needs OpenSSL (tools/ensure-peers installs it)"
)

_TIME = "%Y%m%d%H%M%S"
_CONF = """
[req]
distinguished_name = none
prompt = no
[none]
CN = Time Authority {name}
[authority]
basicConstraints = critical,CA:true
keyUsage = critical,keyCertSign
subjectKeyIdentifier = hash
[stamps]
extendedKeyUsage = critical,{usage}
authorityKeyIdentifier = keyid
[tsa]
default_tsa = own
[own]
serial = {folder}/serial
signer_cert = {folder}/stamps.pem
signer_key = {folder}/stamps.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
ess_cert_id_alg = sha256
"""


class Authority:
    """Keys and certificates in a folder, and the answers to requests that are made with them."""

    def __init__(self, folder: Path, *, name: str = "One", usage: str = "timeStamping") -> None:
        folder.mkdir()
        self.folder = folder
        self.conf = folder / "ts.cnf"
        self.conf.write_text(_CONF.format(folder=folder, name=name, usage=usage))
        self.certificate = folder / "ca.pem"
        (folder / "serial").write_text("01\n")
        make = ["openssl", "req", "-x509", "-config", str(self.conf), "-newkey", "rsa:2048"]
        make += ["-nodes", "-days", "30"]
        ca = ["-keyout", f"{folder}/ca.key", "-out", f"{folder}/ca.pem"]
        self._run(*make, "-subj", f"/CN=Root {name}", "-extensions", "authority", *ca)
        own = ["-keyout", f"{folder}/stamps.key", "-out", f"{folder}/stamps.pem"]
        signed_by = ["-CA", f"{folder}/ca.pem", "-CAkey", f"{folder}/ca.key"]
        self._run(*make, "-extensions", "stamps", *own, *signed_by)

    def answer(self, question: bytes) -> bytes:
        """Return OpenSSL's answer to a request."""
        asked, answered = self.folder / "asked.tsq", self.folder / "answered.tsr"
        asked.write_bytes(question)
        command = ["openssl", "ts", "-reply", "-config", str(self.conf), "-queryfile", str(asked)]
        self._run(*command, "-out", str(answered))
        return answered.read_bytes()

    def answer_with(
        self, question: bytes, *, hours: int = 0, signer: "Authority | None" = None
    ) -> bytes:
        """Return an answer whose clock is `hours` ahead, or which another authority has signed."""
        token, info = self.folder / "token.der", self.folder / "info.der"
        (self.folder / "answered.tsr").write_bytes(self.answer(question))
        given = ["-in", f"{self.folder}/answered.tsr"]
        self._run("openssl", "ts", "-reply", *given, "-token_out", "-out", str(token))
        read = ["openssl", "cms", "-verify", "-noverify", "-inform", "DER", "-in", str(token)]
        self._run(*read, "-out", str(info))
        content = info.read_bytes()
        found = re.search(rb"20\d{12}(?=Z)", content)
        assert found is not None
        at = datetime.strptime(f"{found[0].decode()}Z", f"{_TIME}%z") + timedelta(hours=hours)
        info.write_bytes(content.replace(found[0], at.strftime(_TIME).encode()))
        own = (signer or self).folder
        sign = ["openssl", "cms", "-sign", "-binary", "-nodetach", "-cades", "-md", "sha256"]
        sign += ["-econtent_type", "1.2.840.113549.1.9.16.1.4", "-outform", "DER"]
        sign += ["-signer", f"{own}/stamps.pem", "-inkey", f"{own}/stamps.key"]
        self._run(*sign, "-in", str(info), "-out", str(token))
        return _sequence(b"\x30\x03\x02\x01\x00" + token.read_bytes())

    def _run(self, *command: str) -> None:
        subprocess.run(command, check=True, capture_output=True, timeout=60)


def _sequence(content: bytes) -> bytes:
    """Return a SEQUENCE in DER; `content` has 256 to 65,535 bytes."""
    return b"\x30\x82" + len(content).to_bytes(2, "big") + content


@contextmanager
def served(answer: Callable[[bytes], bytes], status: int = 200) -> Iterator[str]:
    """Serve a function that answers requests, and yield its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.headers["Content-Type"] == "application/timestamp-query"
            body = answer(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(status)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with in_thread(HTTPServer(("127.0.0.1", 0), Handler)) as server:
        yield f"http://127.0.0.1:{server.server_port}/tsa"
