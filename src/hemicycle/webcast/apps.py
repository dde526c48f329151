from importlib import import_module

from hemicycle.record.apps import Slice


class Webcast(Slice):
    name = "hemicycle.webcast"

    def ready(self) -> None:
        super().ready()
        import_module("hemicycle.webcast.sights")  # declares the public audience of the feed
