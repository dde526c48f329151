from hemicycle.record.apps import HemicycleAppConfig


class TrainingConfig(HemicycleAppConfig):
    name = "hemicycle.before.training"
