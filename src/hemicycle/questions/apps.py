from hemicycle.record.apps import Slice


class Questions(Slice):
    name = "hemicycle.questions"

    def ready(self) -> None:
        super().ready()
        from hemicycle.questions import following, hooks
        from hemicycle.record import floor
        from hemicycle.registration import hooks as registration

        floor.REACTIONS.append(following.follow)
        registration.ON_SUBMITTED.append(hooks.take)
