from importlib import import_module

from hemicycle.record.apps import Slice


class Parties(Slice):
    name = "hemicycle.parties"

    def ready(self) -> None:
        super().ready()
        import_module("hemicycle.parties.erasing")
