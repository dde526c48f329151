from hemicycle.record.apps import HemicycleAppConfig


class StatementsConfig(HemicycleAppConfig):
    name = "hemicycle.before.statements"
