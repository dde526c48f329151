"""Pion, built from Debian's packages."""

from pathlib import Path

from tools.clients import golang
from tools.clients.makers.installed import debian
from tools.clients.processes import CARRIERS, Carrier
from tools.clients.rows import Client

SOURCE = CARRIERS / "pion"
PROGRAM = golang.BUILT / "pion"


def missing() -> str:
    """Build it; say what that needs."""
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
