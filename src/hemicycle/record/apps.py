"""The base of every app's configuration, and the record's own."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.module_loading import module_has_submodule

DECLARING = ("entry_types", "labels", "letters", "audiences", "receivers")
"""The modules of an app that declare or connect something when they are imported, in order."""


class HemicycleAppConfig(AppConfig):
    """Imports an app's modules that declare or connect something, where it has them.

    So an app declares what it adds to the house by having the module; its configuration says no
    more than its name. Apps load in the order of `INSTALLED_APPS`, so receivers run in that order.
    """

    default = False

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.default = True  # or Django, seeing an inherited False, would skip the app

    def ready(self) -> None:
        for name in DECLARING:
            if self.module is not None and module_has_submodule(self.module, name):
                import_module(f"{self.name}.{name}")


class RecordConfig(HemicycleAppConfig):
    name = "hemicycle.record"
