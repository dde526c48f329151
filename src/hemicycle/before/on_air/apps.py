from hemicycle.record.apps import HemicycleAppConfig


class OnAirConfig(HemicycleAppConfig):
    name = "hemicycle.before.on_air"
