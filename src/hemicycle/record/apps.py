"""The base of every app's configuration, and the record's own."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.module_loading import module_has_submodule

DECLARING = ("entry_types", "labels", "letters", "audiences", "receivers")
"""The modules of an app that declare or connect something; imported at startup, in this order."""


class HemicycleAppConfig(AppConfig):
    """Base class of app configurations; imports the modules that declare or connect something.

    An app adds entry types, labels, letters, audiences or receivers by having the module of that
    name (`DECLARING`); its configuration only names the app. Apps load in the order of
    `INSTALLED_APPS`, so receivers run in that order.
    """

    default = False

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.default = True  # without this, Django sees the inherited False and skips the app

    def ready(self) -> None:
        for name in DECLARING:
            if self.module is not None and module_has_submodule(self.module, name):
                import_module(f"{self.name}.{name}")


class RecordConfig(HemicycleAppConfig):
    name = "hemicycle.record"
