from hemicycle.record.apps import HemicycleAppConfig


class CuttingConfig(HemicycleAppConfig):
    name = "hemicycle.meeting.cutting"
