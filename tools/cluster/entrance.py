"""HAProxy in front of the web machines: the only address of the site.

HAProxy sends requests to machines that are ready, that is, that reach the database (`/readyz`). If
a machine is not ready for some seconds, HAProxy also closes its connections, so that its pages
connect to another machine; a change of the database's primary takes less time. If no machine is
ready, the machines that are alive (`/healthz`) get the requests: their pages wait for the database,
and then say that it is unavailable.

If a machine cannot be reached, HAProxy sends the request to another one. A request that a machine
has received is not repeated: only its sender knows whether that is safe.
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
  option abortonclose
  option forwardfor
frontend site
  bind {listen}
  http-request set-header X-Forwarded-Proto http
  use_backend ready if {{ nbsrv(ready) gt 0 }}
  default_backend alive
backend ready
  balance leastconn
  option httpchk GET /readyz
  http-check expect status 200
  default-server inter 1s fastinter 500ms fall 4 rise 1 on-marked-down shutdown-sessions
{servers}
backend alive
  balance leastconn
  option httpchk GET /healthz
  http-check expect status 200
  default-server inter 500ms fall 2 rise 1 on-marked-down shutdown-sessions
{servers}
"""


class Entrance:
    """An HAProxy in front of web machines, which `program` starts and stops."""

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
