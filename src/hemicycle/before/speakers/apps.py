from hemicycle.record.apps import HemicycleAppConfig


class SpeakersConfig(HemicycleAppConfig):
    name = "hemicycle.before.speakers"

    def ready(self) -> None:
        super().ready()
        from hemicycle.before.registration import signals as registration
        from hemicycle.before.speakers import cards, day_before, labels, projections
        from hemicycle.hearing.setup import signals as hearings
        from hemicycle.mail.outgoing import signals as correspondence
        from hemicycle.record import floor

        labels.declare()
        correspondence.SOURCES.append(day_before.sources)
        correspondence.CHORES.append(day_before.tell)
        floor.REACTIONS.append(projections.follow)
        registration.PERSONAL_PANES.append(cards.personal)
        hearings.OVERVIEW_LOADS.append(cards.loads)
        hearings.HOLDINGS.append(cards.holdings)
