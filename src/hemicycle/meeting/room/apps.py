from hemicycle.record.apps import HemicycleAppConfig


class RoomConfig(HemicycleAppConfig):
    name = "hemicycle.meeting.room"
