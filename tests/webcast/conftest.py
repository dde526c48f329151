"""The same hearing as the room's."""

from tests.room.conftest import panel

__all__ = ["panel"]
