"""A real TURN server (coturn) with the deployment's configuration, except for names and paths."""

import contextlib
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from socket import create_connection

CONFIGURATION = Path(__file__).parents[2] / "deploy/coturn/turnserver.conf"
SECRET = "a secret that the relay and the site share in tests"


def certified(folder: Path, address: str) -> tuple[Path, Path]:
    """Write a key and a self-signed certificate for an IP address, and return their paths."""
    key, certificate = folder / "turn.key", folder / "turn.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-keyout", key, "-out", certificate, "-days", "2", "-subj", "/CN=turn",
         "-addext", f"subjectAltName=IP:{address}",
         "-addext", "keyUsage=critical,digitalSignature,keyCertSign"],
        check=True, capture_output=True,
    )  # fmt: skip
    return key, certificate


def configured(folder: Path, *, relay: str, engine: str) -> str:
    """Return the deployment's configuration for these addresses, with a self-signed certificate."""
    key, certificate = certified(folder, relay)
    changes = {
        "198.51.100.8": relay,
        "198.51.100.7": engine,
        "put-50-random-characters-here": SECRET,
        "/etc/ssl/turn.hearing.example/fullchain.pem": str(certificate),
        "/etc/ssl/turn.hearing.example/privkey.pem": str(key),
        "\nsyslog\n": f"\nlog-file={folder}/turn.log\nsimple-log\npidfile={folder}/turn.pid\n",
    }
    text = CONFIGURATION.read_text()
    for before, after in changes.items():
        assert before in text, before
        text = text.replace(before, after)
    return text


@contextlib.contextmanager
def coturn(folder: Path, *, relay: str, engine: str) -> Iterator[None]:
    """Run coturn at the address `relay`. It relays to the address `engine` only."""
    file = folder / "turnserver.conf"
    file.write_text(configured(folder, relay=relay, engine=engine))
    with running(folder, (relay, 443), "-c", str(file)):
        yield


@contextlib.contextmanager
def running(folder: Path, listens: tuple[str, int], *arguments: str) -> Iterator[None]:
    """Run coturn with `arguments`, and wait until it listens at the host and port `listens`."""
    program = shutil.which("turnserver")
    assert program
    process = subprocess.Popen(
        [program, *arguments, "--userdb", folder / "turndb"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait(listens, process)
        yield
    finally:
        process.kill()
        process.wait()


def _wait(listens: tuple[str, int], process: subprocess.Popen[bytes]) -> None:
    over = time.monotonic() + 10
    while True:
        assert process.poll() is None, "coturn ended"
        try:
            create_connection(listens, timeout=1).close()
        except OSError:
            assert time.monotonic() < over, "coturn does not listen"
            time.sleep(0.1)
        else:
            return
