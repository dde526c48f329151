"""Libraries for Node: werift, libdatachannel, and Chrome's as `wrtc`."""

from tools.clients.makers.installed import needs_npm, npm
from tools.clients.processes import CARRIERS, Carrier
from tools.clients.rows import Client
from tools.frontend import find_node

NODE = find_node()[0]


NO_H264 = (
    "It is built without H.264, in which the program is: the answer refuses its video line, and "
    "gives it the sound. The webcast has the picture."
)


def _client(name: str, of: str, package: str, *, draws: bool = False) -> Client:
    script = name if name != "Chrome's library" else "wrtc"
    carrier = Carrier(NODE, CARRIERS / f"{script}.js", draws=draws)
    return Client(
        name,
        of,
        version=npm(package),
        needs=needs_npm(package),
        publish=carrier.publish,
        listen=carrier.listen,
        done={"listener": NO_H264} if draws else {},
    )


CLIENTS = [
    _client("libdatachannel", "`node-datachannel` from npm", "node-datachannel"),
    _client("werift", "from npm", "werift"),
    _client("Chrome's library", "`@roamhq/wrtc` from npm", "@roamhq/wrtc", draws=True),
]
