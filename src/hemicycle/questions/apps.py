from hemicycle.record.apps import Slice


class Questions(Slice):
    name = "hemicycle.questions"

    def ready(self) -> None:
        super().ready()
        from hemicycle.hearings import hooks as hearings
        from hemicycle.questions import by_mail, following, hooks, panes, sentences
        from hemicycle.record import floor
        from hemicycle.registration import hooks as registration

        sentences.declare()
        by_mail.join()
        floor.REACTIONS.append(following.follow)
        registration.ON_SUBMITTED.append(hooks.take)
        registration.PERSONAL_PANES.append(panes.personal)
        hearings.TASKS.append(panes.tasks)
        hearings.HOLDINGS.append(panes.holdings)
