from hemicycle.record.apps import HemicycleAppConfig


class ReadersConfig(HemicycleAppConfig):
    name = "hemicycle.before.readers"
