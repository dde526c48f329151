from hemicycle.record.apps import HemicycleAppConfig


class AccreditationConfig(HemicycleAppConfig):
    name = "hemicycle.before.accreditation"
