from hemicycle.record.apps import HemicycleAppConfig


class CaptionsConfig(HemicycleAppConfig):
    name = "hemicycle.meeting.captions"
