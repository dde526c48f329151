"""A session whose sound and picture come from an edge: the engine has its events and controls."""

import secrets

from hemicycle.engine.streams import Output


class EdgeListener:
    """Which edge it listens at, and to which channel.

    `id` goes with its requests to the edge (`?listener=`), so that the edge can distinguish them.
    It is not the session's id, which opens the session's controls.
    """

    loss = rtt_s = jitter_s = 0.0
    """Not known here: the edge has its reports."""

    def __init__(self, edge: str, sound: Output, id_: str = "") -> None:
        self.edge = edge
        self.id = id_ or secrets.token_hex(16)
        self.channel = sound.name

    def hear(self, output: Output) -> None:
        """Note that it goes on to another channel, which must be published then."""
        self.channel = output.name

    async def close(self, reason: str) -> None:
        """Nothing to close here: `HearingEdges` has it disconnected."""
