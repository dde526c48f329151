from hemicycle.record.apps import HemicycleAppConfig


class WebcastConfig(HemicycleAppConfig):
    name = "hemicycle.meeting.webcast"
