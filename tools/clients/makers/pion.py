"""Pion, built from Debian's packages."""

from pathlib import Path

from tools.clients import golang
from tools.clients.makers.installed import debian
from tools.clients.processes import CARRIERS, Carrier
from tools.clients.rows import Client

SOURCE = CARRIERS / "pion"
PROGRAM = golang.BUILT / "pion"


def missing() -> str:
    """Build the program; return what is missing for that or the error, or ""."""
    return golang.missing() or golang.build(SOURCE, PROGRAM)


carrier = Carrier(Path(PROGRAM))

CLIENTS = [
    Client(
        "Pion",
        "Go, from Debian",
        version=debian("golang-github-pion-webrtc.v3-dev"),
        needs=missing,
        publish=carrier.publish,
        listen=carrier.listen,
    )
]
