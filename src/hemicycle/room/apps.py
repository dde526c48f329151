from importlib import import_module

from hemicycle.record.apps import Slice


class Room(Slice):
    name = "hemicycle.room"

    def ready(self) -> None:
        super().ready()
        from hemicycle.hearings import hooks as hearings
        from hemicycle.registration import hooks as registration
        from hemicycle.room import panes, sentences

        sentences.declare()
        registration.PERSONAL_PANES.append(panes.personal)
        hearings.HOLDINGS.append(panes.holdings)
        import_module("hemicycle.room.sights")  # declares the audiences of the feed
