"""The same hearing as the room's."""

from tests.room.conftest import panel, world

__all__ = ["panel", "world"]
