from hemicycle.record.apps import HemicycleAppConfig


class OperatingConfig(HemicycleAppConfig):
    name = "hemicycle.site.operating"
