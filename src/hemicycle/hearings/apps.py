from importlib import import_module

from hemicycle.record.apps import Slice


class Hearings(Slice):
    name = "hemicycle.hearings"

    def ready(self) -> None:
        super().ready()
        import_module("hemicycle.hearings.erasing")
        import_module("hemicycle.hearings.sentences").declare()
        hooks = import_module("hemicycle.parties.hooks")
        hooks.NAME_HEARING.append(import_module("hemicycle.hearings.queries").name_of)
