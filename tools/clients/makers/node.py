"""Libraries for Node: werift, libdatachannel, and Chrome's as `wrtc`."""

from tools.clients.makers.installed import needs_npm, npm
from tools.clients.processes import CARRIERS, Carrier
from tools.clients.rows import Client
from tools.frontend import find_node

NODE = find_node()[0]


def _client(name: str, of: str, package: str, *, draws: bool = False, sees: bool = True) -> Client:
    script = name if name != "Chrome's library" else "wrtc"
    carrier = Carrier(NODE, CARRIERS / f"{script}.js", draws=draws)
    return Client(
        name,
        of,
        version=npm(package),
        needs=needs_npm(package),
        publish=carrier.publish,
        listen=carrier.listen,
        sees=sees,
    )


CLIENTS = [
    _client("libdatachannel", "`node-datachannel` from npm", "node-datachannel"),
    _client("werift", "from npm", "werift"),
    _client("Chrome's library", "`@roamhq/wrtc` from npm", "@roamhq/wrtc", draws=True, sees=False),
]
