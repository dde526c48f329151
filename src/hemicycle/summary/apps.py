from importlib import import_module

from hemicycle.record.apps import Slice


class Summary(Slice):
    name = "hemicycle.summary"

    def ready(self) -> None:
        super().ready()
        import_module("hemicycle.summary.words").declare()
