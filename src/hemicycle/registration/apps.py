from hemicycle.record.apps import Slice


class Registration(Slice):
    name = "hemicycle.registration"

    def ready(self) -> None:
        super().ready()
        from hemicycle.registration import by_mail, overview

        overview.join()
        by_mail.join()
