"""GStreamer's webrtcbin, used through Debian's bindings."""

import subprocess

from tools.clients.makers.installed import debian
from tools.clients.processes import CARRIERS, Carrier
from tools.clients.rows import Client

PYTHON = "/usr/bin/python3"


def missing() -> str:
    """Return a sentence if Debian's Python lacks the bindings, else ""."""
    tried = [PYTHON, str(CARRIERS / "webrtcbin.py"), "version"]
    done = subprocess.run(tried, capture_output=True, check=False)
    return "" if done.returncode == 0 else "GStreamer's bindings are not installed"


carrier = Carrier(PYTHON, CARRIERS / "webrtcbin.py", draws=True)

CLIENTS = [
    Client(
        "webrtcbin",
        "GStreamer",
        version=debian("gir1.2-gst-plugins-bad-1.0"),
        needs=missing,
        publish=carrier.publish,
        listen=carrier.listen,
    )
]
