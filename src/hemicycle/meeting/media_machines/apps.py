from hemicycle.record.apps import HemicycleAppConfig


class MediaMachinesConfig(HemicycleAppConfig):
    name = "hemicycle.meeting.media_machines"
