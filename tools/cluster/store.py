"""An object store with the S3 protocol on one machine: SeaweedFS, a development dependency.

Acknowledged files are on the disk, so the store can be killed and started again.
"""

import json
import os
import sys
from pathlib import Path

from tools.cluster.machines import Machine
from tools.cluster.programs import Missing, Program, wait_for

WEED = Path(sys.executable).with_name("weed")
S3 = 8333
KEY, SECRET = "HEARINGEXAMPLE", "a-secret-of-this-trial"
BUCKET, PUBLIC = "site", "webcast"
"""The two buckets; anyone may read the second one by HTTP."""
START_S = 120.0


class Store:
    """A store with two buckets. The constructor raises `Missing` if SeaweedFS is not installed."""

    def __init__(self, machine: Machine) -> None:
        if not WEED.exists():
            raise Missing("SeaweedFS is not installed: make setup")
        self.machine = machine
        folder = machine.folder
        (folder / "stored").mkdir(parents=True, exist_ok=True)
        rights = ["Admin", "Read", "Write", "List", "Tagging"]
        people = [
            {
                "name": "site",
                "credentials": [{"accessKey": KEY, "secretKey": SECRET}],
                "actions": rights,
            },
            {"name": "anonymous", "actions": [f"Read:{PUBLIC}"]},
        ]
        (folder / "s3.json").write_text(json.dumps({"identities": people}))
        command = [str(WEED), "server", "-s3", f"-dir={folder / 'stored'}"]
        command += [f"-ip={machine.address}", "-ip.bind=0.0.0.0", f"-s3.port={S3}"]
        command += [f"-s3.config={folder / 's3.json'}", "-s3.port.iceberg=0", "-s3.port.lance=0"]
        command += ["-master.volumeSizeLimitMB=64", "-master.telemetry=false", "-volume.max=50"]
        self.program = Program(
            "the object store",
            command,
            folder / "store.log",
            environment={"PATH": os.defpath, "HOME": str(folder)},
            inside=machine.inside,
        )

    @property
    def endpoint(self) -> str:
        """The address of the store's S3 protocol."""
        return f"http://{self.machine.address}:{S3}"

    @property
    def public_url(self) -> str:
        """The address of the bucket that anyone may read."""
        return f"{self.endpoint}/{PUBLIC}"

    def settings(self, name: str) -> dict[str, str]:
        """Return the settings `HEMICYCLE_<name>_S3_*` of a site that uses this store."""
        return {
            f"HEMICYCLE_{name}_S3_ENDPOINT": self.endpoint,
            f"HEMICYCLE_{name}_S3_KEY": KEY,
            f"HEMICYCLE_{name}_S3_SECRET": SECRET,
        }

    def start(self) -> None:
        """Start the store, and return when it accepts files. Raises TimeoutError."""
        self.program.start()
        wait_for("the object store", self.takes_files, START_S)

    def takes_files(self) -> bool:
        """Return whether the store accepts a file now."""
        import obstore
        from obstore.exceptions import BaseError
        from obstore.store import S3Store

        stores = [
            S3Store(
                bucket,
                endpoint=self.endpoint,
                access_key_id=KEY,
                secret_access_key=SECRET,
                region="us-east-1",
                client_options={"allow_http": True, "timeout": "3s"},
                retry_config={"max_retries": 0},
            )
            for bucket in (BUCKET, PUBLIC)
        ]
        try:
            for store in stores:
                obstore.put(store, "ready", b"yes")
        except (BaseError, OSError):
            return False
        return True
