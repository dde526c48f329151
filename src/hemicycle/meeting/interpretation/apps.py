from hemicycle.record.apps import HemicycleAppConfig


class InterpretationConfig(HemicycleAppConfig):
    name = "hemicycle.meeting.interpretation"

    def ready(self) -> None:
        super().ready()
        from hemicycle.hearing.setup import signals as hearings
        from hemicycle.meeting.interpretation import cards, labels, queries
        from hemicycle.meeting.room import passes

        labels.declare()
        hearings.HOLDINGS.append(cards.holdings)
        hearings.TASKS.append(cards.tasks)
        hearings.ROLE_LINKS.append(cards.ways_in)
        passes.BOOTH_OF.append(queries.language_of)
