from hemicycle.record.apps import HemicycleAppConfig


class ApiConfig(HemicycleAppConfig):
    name = "hemicycle.site.api"

    def ready(self) -> None:
        super().ready()
        from hemicycle.before.registration import signals as registration
        from hemicycle.hearing.setup import signals as hearings
        from hemicycle.site.api import cards, labels
        from hemicycle.site.api.webhooks import record_follower

        labels.declare()
        hearings.HOLDINGS.append(cards.holdings)
        hearings.TASKS.append(cards.tasks)
        registration.DAILY.append(record_follower.prune)
