from hemicycle.record.apps import Slice


class Registration(Slice):
    name = "hemicycle.registration"

    def ready(self) -> None:
        super().ready()
        from hemicycle.correspondence import hooks as correspondence
        from hemicycle.registration import lists, overview

        overview.join()
        correspondence.SOURCES.append(lists.sources)
        correspondence.ATTENDING.append(lists.attending)
