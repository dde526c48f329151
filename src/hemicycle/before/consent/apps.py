from hemicycle.record.apps import HemicycleAppConfig


class ConsentConfig(HemicycleAppConfig):
    name = "hemicycle.before.consent"
