from hemicycle.record.apps import HemicycleAppConfig


class InterpretationConfig(HemicycleAppConfig):
    name = "hemicycle.meeting.interpretation"
