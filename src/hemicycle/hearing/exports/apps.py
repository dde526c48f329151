from hemicycle.record.apps import HemicycleAppConfig


class ExportsConfig(HemicycleAppConfig):
    name = "hemicycle.hearing.exports"
