from hemicycle.record.apps import HemicycleAppConfig


class JobsConfig(HemicycleAppConfig):
    name = "hemicycle.hearing.jobs"
