from hemicycle.record.apps import Slice


class Registration(Slice):
    name = "hemicycle.registration"

    def ready(self) -> None:
        super().ready()
        from hemicycle.correspondence import hooks as correspondence
        from hemicycle.registration import by_mail, lists, overview

        overview.join()
        by_mail.join()
        correspondence.SOURCES.append(lists.sources)
        correspondence.ATTENDING.append(lists.attending)
