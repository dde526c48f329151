"""A real `hemicycle signer` as another Unix user, and a real token of SoftHSM."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

USER = 65534
"""The id of the user `nobody` on Linux."""
PIN = "2468"
SOFTHSM = Path("/usr/lib/softhsm/libsofthsm2.so")

needs_root = pytest.mark.skipif(
    os.geteuid() != 0, reason="needs root to start the signing process as another user"
)
needs_softhsm = pytest.mark.skipif(
    not SOFTHSM.exists() or not shutil.which("softhsm2-util"),
    reason="needs SoftHSM (tools/ensure-peers installs Debian's softhsm2)",
)

# Root loads the program, which then becomes the other user, who may be unable to read it.
_AS_NOBODY = """
import os, sys
from hemicycle.record.key_stores import signer
user = int(sys.argv.pop(1))
os.setgroups([]); os.setgid(user); os.setuid(user)
sys.exit(signer.main(sys.argv[1:]))
"""


class SignerProcess:
    """The command, with the key in a folder of its user, and a socket that everyone can reach."""

    def __init__(self, folder: Path) -> None:
        self.socket = folder / "signer.sock"
        self.key = folder / "key.pem"
        self.process: subprocess.Popen[str] | None = None

    @property
    def place(self) -> str:
        """The address of the key, as the setting spells it."""
        return f"unix:{self.socket}"

    def start(self, *arguments: str, allow: str = "0") -> str:
        """Start the command, and return its first output."""
        own = ["--socket", str(self.socket), "--key", f"file:{self.key}", "--allow", allow]
        self.process = subprocess.Popen(
            [sys.executable, "-c", _AS_NOBODY, str(USER), *own, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert self.process.stdout is not None
        said = self.process.stdout.readline()
        return said + (self.process.stdout.readline() if said.startswith("The key is") else "")

    def stop(self, number: int = signal.SIGTERM) -> int | None:
        """End the command by a signal; return its status, or None if it is not running."""
        if self.process is None:
            return None
        self.process.send_signal(number)
        return self.ended()

    def ended(self) -> int:
        """Wait for the end of the command, and return its status."""
        assert self.process is not None
        status = self.process.wait(10)
        assert self.process.stdout is not None
        self.process.stdout.close()
        self.process = None
        return status


@contextmanager
def signing_process() -> Iterator[SignerProcess]:
    """Yield a signing process that is not started yet, with an empty folder; kill it in the end."""
    folder = Path(tempfile.mkdtemp(prefix="hemicycle-signer-"))
    os.chown(folder, USER, USER)
    folder.chmod(0o755)
    made = SignerProcess(folder)
    try:
        yield made
    finally:
        made.stop(signal.SIGKILL)
        shutil.rmtree(folder)


@contextmanager
def token(folder: Path, label: str = "record") -> Iterator[str]:
    """Make a token of SoftHSM, and yield the address of a key on it."""
    import pkcs11

    tokens, pin, conf = folder / "tokens", folder / "pin", folder / "softhsm2.conf"
    tokens.mkdir()
    pin.write_text(f"{PIN}\n")
    pin.chmod(0o600)
    conf.write_text(f"directories.tokendir = {tokens}\nlog.level = ERROR\n")
    before = os.environ.get("SOFTHSM2_CONF")
    os.environ["SOFTHSM2_CONF"] = str(conf)
    command = ["softhsm2-util", "--init-token", "--free", "--label", label]
    subprocess.run([*command, "--pin", PIN, "--so-pin", "13579"], check=True, capture_output=True)
    pkcs11.lib(str(SOFTHSM)).reinitialize()  # the library then reads its configuration
    forget_sessions()
    try:
        yield f"pkcs11:token={label}?module-path={SOFTHSM}&pin-source={pin}"
    finally:
        forget_sessions()
        if before is None:
            del os.environ["SOFTHSM2_CONF"]
        else:
            os.environ["SOFTHSM2_CONF"] = before


def forget_sessions() -> None:
    """Close this process's sessions, so that it knows no more than a new process."""
    from hemicycle.record.key_stores import token as store

    store._sessions.clear()
