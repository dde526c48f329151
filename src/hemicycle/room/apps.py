from importlib import import_module

from hemicycle.record.apps import Slice


class Room(Slice):
    name = "hemicycle.room"

    def ready(self) -> None:
        super().ready()
        import_module("hemicycle.room.sights")  # declares the audiences of the feed
