from hemicycle.record.apps import HemicycleAppConfig


class QuestionsConfig(HemicycleAppConfig):
    name = "hemicycle.before.questions"

    def ready(self) -> None:
        super().ready()
        from hemicycle.before.questions import by_mail, cards, labels, projections, signals
        from hemicycle.before.registration import signals as registration
        from hemicycle.hearing.setup import signals as hearings
        from hemicycle.record import floor

        labels.declare()
        by_mail.join()
        floor.REACTIONS.append(projections.follow)
        registration.ON_SUBMITTED.append(signals.take)
        registration.PERSONAL_PANES.append(cards.personal)
        hearings.TASKS.append(cards.tasks)
        hearings.HOLDINGS.append(cards.holdings)
