from hemicycle.record.apps import Slice


class Interpretation(Slice):
    name = "hemicycle.interpretation"

    def ready(self) -> None:
        super().ready()
        from hemicycle.hearings import hooks as hearings
        from hemicycle.interpretation import panes, queries, sentences
        from hemicycle.room import passes

        sentences.declare()
        hearings.HOLDINGS.append(panes.holdings)
        hearings.TASKS.append(panes.tasks)
        hearings.ROLE_LINKS.append(panes.ways_in)
        passes.BOOTH_OF.append(queries.language_of)
