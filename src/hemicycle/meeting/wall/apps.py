from hemicycle.record.apps import HemicycleAppConfig


class WallConfig(HemicycleAppConfig):
    name = "hemicycle.meeting.wall"
