from hemicycle.record.apps import Slice


class Mailroom(Slice):
    name = "hemicycle.mailroom"

    def ready(self) -> None:
        super().ready()
        from hemicycle.hearings import hooks as hearings
        from hemicycle.mailroom import panes, sentences

        sentences.declare()
        hearings.TASKS.append(panes.tasks)
        hearings.HOLDINGS.append(panes.holdings)
