from hemicycle.record.apps import Slice


class Wall(Slice):
    name = "hemicycle.wall"

    def ready(self) -> None:
        super().ready()
        from hemicycle.hearings import hooks as hearings
        from hemicycle.registration import hooks as registration
        from hemicycle.wall import panes, retention, sentences, visitors

        sentences.declare()
        hearings.TASKS.append(panes.tasks)
        hearings.PUBLIC_LINKS.append(panes.public_links)
        registration.DAILY.append(retention.lapse)
        registration.DAILY.append(visitors.forget_networks)
