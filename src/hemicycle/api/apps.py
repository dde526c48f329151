from hemicycle.record.apps import Slice


class Api(Slice):
    name = "hemicycle.api"

    def ready(self) -> None:
        super().ready()
        from hemicycle.api import panes, sentences
        from hemicycle.api.webhooks import following
        from hemicycle.hearings import hooks as hearings
        from hemicycle.registration import hooks as registration

        sentences.declare()
        hearings.HOLDINGS.append(panes.holdings)
        hearings.TASKS.append(panes.tasks)
        registration.DAILY.append(following.prune)
