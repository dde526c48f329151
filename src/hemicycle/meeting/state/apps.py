from hemicycle.record.apps import HemicycleAppConfig


class StateConfig(HemicycleAppConfig):
    name = "hemicycle.meeting.state"
