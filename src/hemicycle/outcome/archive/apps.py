from hemicycle.record.apps import HemicycleAppConfig


class ArchiveConfig(HemicycleAppConfig):
    name = "hemicycle.outcome.archive"
