from hemicycle.record.apps import HemicycleAppConfig


class RehearsalConfig(HemicycleAppConfig):
    name = "hemicycle.site.rehearsal"
