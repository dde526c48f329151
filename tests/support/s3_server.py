"""A store with the S3 protocol: SeaweedFS, which the developers' set brings as a wheel."""

import json
import os
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from tests.support.mail_peers import free_port

WEED = Path(sys.executable).with_name("weed")
KEY, SECRET = "HEARINGEXAMPLE", "a-secret-of-the-tests"
BUCKET = "backups"
START_S = 120.0


class S3Server:
    """A store on loopback, which may be stopped and started again with what it has."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ports = {name: _port_with_room() for name in ("master", "volume", "filer", "s3")}
        self._process: subprocess.Popen[bytes] | None = None
        actions = ["Admin", "Read", "Write", "List", "Tagging"]
        credentials = [{"accessKey": KEY, "secretKey": SECRET}]
        people = [{"name": "site", "credentials": credentials, "actions": actions}]
        (folder / "s3.json").write_text(json.dumps({"identities": people}))
        (folder / "stored").mkdir()

    @property
    def endpoint(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self._ports['s3']}"

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
        command += ["-volume.max", "50"]
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
        self._wait()

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
        """End it; what it has stays in its folder."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(30)
            self._process = None


def _port_with_room() -> int:
    """A free port, 10,000 above which a port is free for its second protocol."""
    while (port := free_port()) > 50_000:
        pass
    return port
