"""PURE: whether the public feed is stopped, by the record or by a press that came straight here.

A press at a console reaches the engine before the record has it, however slow the database is. The
press counts until the record includes it; from then on the record decides.
"""

from hemicycle.procedure.state import Floor


class FeedStopper:
    """A stop that was pressed at a console, and the record's own stop, for one hearing."""

    def __init__(self) -> None:
        self.pressed: tuple[str, int] | None = None
        """The meeting, and the record's last stop or resumption before the press."""

    def press(self, meeting: str, floor: Floor) -> None:
        """Stop the feed now. A press adds nothing while the record already has a stop."""
        if not floor.feed_stopped:
            self.pressed = meeting, floor.feed_seq

    def holds(self, meeting: str, floor: Floor) -> bool:
        """Return whether the feed is stopped.

        The record's next stop or resumption replaces the press.
        """
        if self.pressed != (meeting, floor.feed_seq):
            self.pressed = None
        return floor.feed_stopped or self.pressed is not None
