from importlib import import_module

from hemicycle.record.apps import Slice


class Summary(Slice):
    name = "hemicycle.summary"

    def ready(self) -> None:
        super().ready()
        import_module("hemicycle.summary.words").declare()
        panes = import_module("hemicycle.summary.panes")
        hearings = import_module("hemicycle.hearings.hooks")
        hearings.PUBLIC_LINKS.append(panes.outcome)
        hearings.TASKS.append(panes.tasks)
        hearings.HOLDINGS.append(panes.holdings)
