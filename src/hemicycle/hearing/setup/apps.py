from importlib import import_module

from hemicycle.record.apps import HemicycleAppConfig


class SetupConfig(HemicycleAppConfig):
    name = "hemicycle.hearing.setup"
    label = "hearing"

    def ready(self) -> None:
        super().ready()
        import_module("hemicycle.hearing.setup.erasing")
        import_module("hemicycle.hearing.setup.labels").declare()
        hooks = import_module("hemicycle.hearing.people.signals")
        hooks.NAME_HEARING.append(import_module("hemicycle.hearing.setup.queries").name_of)
