"""A store with the S3 protocol: SeaweedFS, which is installed as a wheel for developers."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import ClassVar

from tests.support.ports import free_port

WEED = Path(sys.executable).with_name("weed")
KEY, SECRET = "HEARINGEXAMPLE", "a-secret-of-the-tests"
BUCKET = "backups"
START_S = 120.0


class Refusal(BaseHTTPRequestHandler):
    """Answers each request of a connection as a store that refuses it."""

    protocol_version = "HTTP/1.1"
    codes: ClassVar = {403: "AccessDenied", 503: "SlowDown"}

    def __init__(self, visitor: socket.socket, status: int) -> None:
        self._status = status
        with suppress(OSError):
            super().__init__(visitor, ("", 0), None)  # type: ignore[arg-type] # it asks no server

    def _answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        code = self.codes[self._status]
        body = f"<Error><Code>{code}</Code><Message>By the test</Message></Error>".encode()
        self.send_response(self._status)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _answer  # noqa: N815 - the library's names

    def log_message(self, *_line: object) -> None:
        """Keep the output of tests clean."""


class Gate:
    """Forwards connections to a server; while the gate is shut, nothing answers at its port.

    The gate can also refuse each request with a status, cut each answer off, or delay it. The store
    itself would take half a minute to stop and to start again.
    """

    def __init__(self, server_port: int) -> None:
        self.port = free_port()
        self._to = ("127.0.0.1", server_port)
        self._listening: socket.socket | None = None
        self._passing: set[socket.socket] = set()
        self._status, self._late_s, self._cuts = 0, 0.0, False

    def open(self, *, status: int = 0, late_s: float = 0.0, cuts: bool = False) -> None:
        """Accept connections from now on; a gate that is open stays open.

        With a `status`, each request is refused with it; with `cuts`, each answer breaks off in its
        first line; with `late_s`, each piece of an answer is delayed by so many seconds.
        """
        chosen = status, late_s, cuts
        if chosen != (self._status, self._late_s, self._cuts):
            self._status, self._late_s, self._cuts = chosen
            self._cut(self._passing)
        if self._listening is not None:
            return
        listening = socket.create_server(("127.0.0.1", self.port))
        self._listening = listening
        threading.Thread(target=self._take, args=(listening,), daemon=True).start()

    def shut(self) -> None:
        """Refuse connections from now on, and cut the existing ones."""
        if self._listening is None:
            return
        # Closing alone does not wake the thread that accepts, and the port would stay open.
        self._cut({self._listening, *self._passing})
        self._listening.close()
        self._listening = None

    def _cut(self, connections: set[socket.socket]) -> None:
        for one in tuple(connections):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def _take(self, listening: socket.socket) -> None:
        with suppress(OSError):
            while True:
                self._let_in(listening.accept()[0])

    def _let_in(self, visitor: socket.socket) -> None:
        if self._status:
            self._passing.add(visitor)
            threading.Thread(target=self._refuse, args=(visitor,), daemon=True).start()
            return
        try:
            server = socket.create_connection(self._to)
        except OSError:  # the server does not listen yet
            visitor.close()
            return
        self._passing |= {visitor, server}
        for ends in ((visitor, server, False), (server, visitor, True)):
            threading.Thread(target=self._pass_on, args=ends, daemon=True).start()

    def _refuse(self, visitor: socket.socket) -> None:
        Refusal(visitor, self._status)
        self._passing.discard(visitor)
        visitor.close()

    def _pass_on(self, source: socket.socket, target: socket.socket, answers: bool) -> None:
        with suppress(OSError):
            while data := source.recv(2**16):
                if answers:
                    time.sleep(self._late_s)
                target.sendall(data[:9] if answers and self._cuts else data)
                if answers and self._cuts:
                    break
        self._cut({source, target})
        self._passing.discard(source)
        source.close()


class S3Server:
    """A store on loopback, which a test can make unreachable."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        # The store also needs the ports 10,000 above these.
        self._ports = {name: free_port() for name in ("master", "volume", "filer", "s3")}
        self._process: subprocess.Popen[bytes] | None = None
        self._gate = Gate(self._ports["s3"])
        actions = ["Admin", "Read", "Write", "List", "Tagging"]
        credentials = [{"accessKey": KEY, "secretKey": SECRET}]
        people = [{"name": "site", "credentials": credentials, "actions": actions}]
        folder.mkdir(exist_ok=True)
        (folder / "s3.json").write_text(json.dumps({"identities": people}))
        (folder / "stored").mkdir()

    @property
    def endpoint(self) -> str:
        """The address of the store."""
        return f"http://127.0.0.1:{self._gate.port}"

    @property
    def settings(self) -> dict[str, str]:
        """The settings of a site that uses the store for its backups."""
        return {
            "HEMICYCLE_BACKUP_S3_ENDPOINT": self.endpoint,
            "HEMICYCLE_BACKUP_S3_KEY": KEY,
            "HEMICYCLE_BACKUP_S3_SECRET": SECRET,
        }

    def start(self) -> None:
        """Start the store, and wait until it accepts files in its bucket."""
        command: list[str | Path] = [
            WEED,
            "server",
            "-s3",
            "-dir",
            self.folder / "stored",
            "-ip",
            "127.0.0.1",
        ]
        command += ["-ip.bind", "127.0.0.1", "-s3.config", self.folder / "s3.json"]
        command += ["-master.volumeSizeLimitMB", "64", "-master.telemetry=false"]
        command += ["-volume.max", "50", "-s3.port.iceberg", "0", "-s3.port.lance", "0"]
        for name, port in self._ports.items():
            command += [f"-{name}.port", str(port)]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                command,
                cwd=self.folder,
                env={"PATH": os.defpath, "HOME": str(self.folder)},
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self.come_back()
        self._wait()

    def go_away(self) -> None:
        """Become unreachable, as when the network is down, and cut the existing connections."""
        self._gate.shut()

    def come_back(self) -> None:
        """Become reachable again, without any trouble."""
        self._gate.open()

    def refuse(self, status: int) -> None:
        """Refuse each request with a status: 403 as for a wrong key, or 503 as under heavy load."""
        self._gate.open(status=status)

    def break_off(self) -> None:
        """Break each answer off in its first line."""
        self._gate.open(cuts=True)

    def be_late(self, late_s: float) -> None:
        """Delay each piece of an answer by so many seconds."""
        self._gate.open(late_s=late_s)

    def _wait(self) -> None:
        import obstore
        from obstore.store import S3Store

        store = S3Store(
            BUCKET,
            endpoint=self.endpoint,
            access_key_id=KEY,
            secret_access_key=SECRET,
            region="us-east-1",
            client_options={"allow_http": True},
            retry_config={"max_retries": 0},
        )
        limit = time.monotonic() + START_S
        while time.monotonic() < limit:
            with suppress(Exception):
                obstore.put(store, "ready", b"yes")
                return
            time.sleep(0.2)
        raise AssertionError((self.folder / "log").read_text()[-2000:])

    def stop(self) -> None:
        """Kill the store, which would take half a minute to put its files in order."""
        if self._process is not None:
            self.go_away()
            self._process.kill()
            self._process.wait(30)
            self._process = None
