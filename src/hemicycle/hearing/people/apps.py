from importlib import import_module

from hemicycle.record.apps import HemicycleAppConfig


class PeopleConfig(HemicycleAppConfig):
    name = "hemicycle.hearing.people"

    def ready(self) -> None:
        super().ready()
        import_module("hemicycle.hearing.people.erasing")
