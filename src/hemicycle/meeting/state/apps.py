from importlib import import_module

from hemicycle.record.apps import HemicycleAppConfig


class StateConfig(HemicycleAppConfig):
    name = "hemicycle.meeting.state"

    def ready(self) -> None:
        super().ready()
        import_module("hemicycle.meeting.state.meeting_view")  # declares the feed's public audience
