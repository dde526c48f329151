from hemicycle.record.apps import HemicycleAppConfig


class UiConfig(HemicycleAppConfig):
    name = "hemicycle.ui"
