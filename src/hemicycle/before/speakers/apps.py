from hemicycle.record.apps import HemicycleAppConfig


class SpeakersConfig(HemicycleAppConfig):
    name = "hemicycle.before.speakers"
