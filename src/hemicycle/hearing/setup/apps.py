from hemicycle.record.apps import HemicycleAppConfig


class SetupConfig(HemicycleAppConfig):
    name = "hemicycle.hearing.setup"
    label = "hearing"
