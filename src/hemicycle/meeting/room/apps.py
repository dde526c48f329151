from importlib import import_module

from hemicycle.record.apps import HemicycleAppConfig


class RoomConfig(HemicycleAppConfig):
    name = "hemicycle.meeting.room"

    def ready(self) -> None:
        super().ready()
        from hemicycle.before.registration import signals as registration
        from hemicycle.hearing.setup import signals as hearings
        from hemicycle.meeting.room import cards, labels

        labels.declare()
        registration.PERSONAL_PANES.append(cards.personal)
        hearings.HOLDINGS.append(cards.holdings)
        import_module("hemicycle.meeting.room.audiences")  # declares the audiences of the feed
