"""A store with the S3 protocol: SeaweedFS, which the developers' set brings as a wheel."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

from tests.support.mail_peers import free_port

WEED = Path(sys.executable).with_name("weed")
KEY, SECRET = "HEARINGEXAMPLE", "a-secret-of-the-tests"
BUCKET = "backups"
START_S = 120.0


class Gate:
    """Passes connections on to a server; while it is shut, nobody answers at its port.

    The store itself takes half a minute to stop and to start again.
    """

    def __init__(self, server_port: int) -> None:
        self.port = free_port()
        self._to = ("127.0.0.1", server_port)
        self._listening: socket.socket | None = None
        self._passing: set[socket.socket] = set()

    def open(self) -> None:
        """Take connections from now on; an open gate stays open."""
        if self._listening is not None:
            return
        listening = socket.create_server(("127.0.0.1", self.port))
        self._listening = listening
        threading.Thread(target=self._take, args=(listening,), daemon=True).start()

    def shut(self) -> None:
        """Refuse connections from now on, and cut those that there are."""
        if self._listening is None:
            return
        # Closing alone does not wake the thread that accepts, and the port would stay open.
        for one in (self._listening, *self._passing):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._listening = None

    def _take(self, listening: socket.socket) -> None:
        with suppress(OSError):
            while True:
                self._let_in(listening.accept()[0])

    def _let_in(self, visitor: socket.socket) -> None:
        try:
            server = socket.create_connection(self._to)
        except OSError:  # it does not listen yet
            visitor.close()
            return
        self._passing |= {visitor, server}
        for ends in ((visitor, server), (server, visitor)):
            threading.Thread(target=self._pass_on, args=ends, daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(2**16):
                target.sendall(data)
        for one in (source, target):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        self._passing.discard(source)
        source.close()


class S3Server:
    """A store on loopback, which nobody reaches while it is away."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ports = {name: _port_with_room() for name in ("master", "volume", "filer", "s3")}
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
        """Its address."""
        return f"http://127.0.0.1:{self._gate.port}"

    @property
    def settings(self) -> dict[str, str]:
        """What a site that uses it is given."""
        return {
            "HEMICYCLE_BACKUP_S3_ENDPOINT": self.endpoint,
            "HEMICYCLE_BACKUP_S3_KEY": KEY,
            "HEMICYCLE_BACKUP_S3_SECRET": SECRET,
        }

    def start(self) -> None:
        """Start it; returns when it takes files into its bucket."""
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
        """Answer nobody, as when the network is down; what is under way is cut."""
        self._gate.shut()

    def come_back(self) -> None:
        """Answer again."""
        self._gate.open()

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
        """End it, without the half-minute that it takes to put its files in order."""
        if self._process is not None:
            self.go_away()
            self._process.kill()
            self._process.wait(30)
            self._process = None


def _port_with_room() -> int:
    """A free port, 10,000 above which a port is free for its second protocol."""
    while (port := free_port()) > 50_000:
        pass
    return port
