from importlib import import_module

from hemicycle.record.apps import HemicycleAppConfig


class SummaryConfig(HemicycleAppConfig):
    name = "hemicycle.outcome.summary"

    def ready(self) -> None:
        super().ready()
        import_module("hemicycle.outcome.summary.labels").declare()
        panes = import_module("hemicycle.outcome.summary.cards")
        hearings = import_module("hemicycle.hearing.setup.signals")
        hearings.PUBLIC_LINKS.append(panes.outcome)
        hearings.TASKS.append(panes.tasks)
        hearings.HOLDINGS.append(panes.holdings)
