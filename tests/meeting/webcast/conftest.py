"""The same hearing as the room's."""

from tests.meeting.room.conftest import panel

__all__ = ["panel"]
