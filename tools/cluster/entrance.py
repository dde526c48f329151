"""HAProxy before the web machines: the site's one address.

It asks each machine twice a second whether it lives, ends the connections to one that does not, and
sends a request that could not be handed over to another one. A request that a machine has taken is
not repeated: only who sent it knows whether it may be.
"""

import os
from collections.abc import Sequence

from tools.cluster.machines import Machine
from tools.cluster.programs import Program, find

PORT, WEB = 8080, 8000
CONFIGURATION = """\
global
  maxconn 4000
defaults
  mode http
  timeout connect 1s
  timeout client 1h
  timeout server 1h
  timeout check 1s
  timeout queue 10s
  retries 3
  option redispatch 1
  option forwardfor
frontend site
  bind {listen}
  http-request set-header X-Forwarded-Proto http
  default_backend web
backend web
  balance leastconn
  option httpchk GET /healthz
  http-check expect status 200
  default-server inter 500ms fall 2 rise 1 on-marked-down shutdown-sessions
{servers}
"""


class Entrance:
    """A running HAProxy in front of web machines."""

    def __init__(self, machine: Machine, web: Sequence[Machine]) -> None:
        self.machine = machine
        folder = machine.folder
        folder.mkdir(parents=True, exist_ok=True)
        servers = (f"  server {one.name} {one.address}:{WEB} check" for one in web)
        file = folder / "haproxy.cfg"
        listen = f"{machine.address}:{PORT}"
        file.write_text(CONFIGURATION.format(listen=listen, servers="\n".join(servers)))
        self.program = Program(
            "HAProxy before web",
            [find("haproxy", "haproxy"), "-db", "-f", str(file)],
            folder / "haproxy.log",
            environment=dict(os.environ),
            inside=machine.inside,
        )

    @property
    def url(self) -> str:
        """The site's address, without a slash at the end."""
        return f"http://{self.machine.address}:{PORT}"
