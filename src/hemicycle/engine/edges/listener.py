"""A session with sound and picture from an edge: the engine has only its events and controls."""

import secrets

from hemicycle.engine.streams import Output


class EdgeListener:
    """The edge at which a session listens, and the channel.

    `id` goes with the session's requests to the edge (`?listener=`), so that the edge can
    distinguish them. It is not the session's id, which opens the session's controls.
    """

    loss = rtt_s = jitter_s = 0.0
    """The engine does not know these figures: the edge has the session's reports."""

    def __init__(self, edge: str, sound: Output, id_: str = "") -> None:
        self.edge = edge
        self.id = id_ or secrets.token_hex(16)
        self.channel = sound.name

    def hear(self, output: Output) -> None:
        """Note that the session listens to another channel, which must be published from now on."""
        self.channel = output.name

    async def close(self, reason: str) -> None:
        """Do nothing: `HearingEdges` disconnects the session."""
