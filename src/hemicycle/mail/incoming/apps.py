from hemicycle.record.apps import HemicycleAppConfig


class IncomingMailConfig(HemicycleAppConfig):
    name = "hemicycle.mail.incoming"
    label = "incoming"

    def ready(self) -> None:
        super().ready()
        from hemicycle.hearing.setup import signals as hearings
        from hemicycle.mail.incoming import cards, labels

        labels.declare()
        hearings.TASKS.append(cards.tasks)
        hearings.HOLDINGS.append(cards.holdings)
