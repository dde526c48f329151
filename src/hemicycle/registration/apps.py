from hemicycle.record.apps import Slice


class Registration(Slice):
    name = "hemicycle.registration"

    def ready(self) -> None:
        super().ready()
        from hemicycle.registration import overview

        overview.join()
