from hemicycle.record.apps import HemicycleAppConfig


class SummaryConfig(HemicycleAppConfig):
    name = "hemicycle.outcome.summary"
