from hemicycle.record.apps import HemicycleAppConfig


class WallConfig(HemicycleAppConfig):
    name = "hemicycle.meeting.wall"

    def ready(self) -> None:
        super().ready()
        from hemicycle.before.registration import signals as registration
        from hemicycle.hearing.setup import signals as hearings
        from hemicycle.meeting.wall import cards, labels, retention, visitors

        labels.declare()
        hearings.TASKS.append(cards.tasks)
        hearings.PUBLIC_LINKS.append(cards.public_links)
        registration.DAILY.append(retention.lapse)
        registration.DAILY.append(visitors.forget_networks)
