from importlib import import_module

from hemicycle.record.apps import Slice


class Correspondence(Slice):
    name = "hemicycle.correspondence"

    def ready(self) -> None:
        super().ready()
        import_module("hemicycle.correspondence.erasing")
        actions = import_module("hemicycle.correspondence.actions")
        import_module("hemicycle.correspondence.sentences").declare()
        entries = import_module("hemicycle.correspondence.calendar_entries")
        hooks = import_module("hemicycle.correspondence.hooks")
        hooks.CHORES.append(entries.bring_up_to_date)
        import_module("hemicycle.parties.hooks").SEND.append(actions.send_link)
